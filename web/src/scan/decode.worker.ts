/** Looks for a code in pixels, beside the page's own thread: an old phone takes half a second for it. */
import { decodeQR } from 'qr/decode.js';

export interface Ask { id: number; width: number; height: number; pixels: ArrayBuffer; thorough: boolean }
export interface Answer { id: number; bytes: Uint8Array | null }

/** Bytes as characters of the same number: the decoder's own guess at an encoding is wrong for windows-1251. */
const asCharacters = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

addEventListener('message', (event: MessageEvent<Ask>) => {
  const { id, width, height, pixels, thorough } = event.data;
  let bytes: Uint8Array | null = null;
  try {
    const text = decodeQR({ width, height, data: new Uint8ClampedArray(pixels) }, { format: 'RGBA', textDecoder: asCharacters, ...(thorough ? { effort: 4, timeLimit: 1500 } : {}) });
    bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  } catch { /* no code to be seen */ }
  const answer: Answer = { id, bytes };
  postMessage(answer);
});
