/** Codes in pictures and frames: pixels are taken here, and looked at in a worker. */
import type { Answer, Ask } from './decode.worker';
import workerUrl from './decode.worker?worker&url';

/** Longest sides at which a photo is looked at, in this order: codes of whole pages need the larger ones. */
const PHOTO_SIDES = [1000, 1800, 600, 2800];
const FRAME_SIDE = 800;

export class NoPicture extends Error {}

interface TrustedTypes { createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string } }
let policy: { createScriptURL(url: string): string } | undefined;

/** The one address that the page's policy lets a worker come from. */
function trustedUrl(): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  policy ??= types?.createPolicy('worker', { createScriptURL: () => workerUrl });
  return policy?.createScriptURL(workerUrl) ?? workerUrl;
}

export class Reader {
  readonly #worker = new Worker(trustedUrl(), { type: 'module' });
  readonly #waiting = new Map<number, (bytes: Uint8Array | null) => void>();
  readonly #canvas = document.createElement('canvas');
  #asked = 0;

  constructor() {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.#answer(data.id, data.bytes));
    this.#worker.addEventListener('error', () => { for (const id of [...this.#waiting.keys()]) this.#answer(id, null); });
  }

  /** The bytes of a code in what the camera shows now; null when there is none. */
  frame(video: HTMLVideoElement): Promise<Uint8Array | null> {
    return this.#look(video, video.videoWidth, video.videoHeight, FRAME_SIDE, false);
  }

  /** The bytes of a code in a picture, however large or turned. Throws NoPicture. */
  async photo(file: Blob): Promise<Uint8Array | null> {
    const picture = await createImageBitmap(file).catch(() => { throw new NoPicture(); });
    try {
      const longest = Math.max(picture.width, picture.height);
      const sides = [...new Set(PHOTO_SIDES.map((side) => Math.min(side, longest)))];
      for (const side of sides) {
        const bytes = await this.#look(picture, picture.width, picture.height, side, true);
        if (bytes) return bytes;
      }
      return null;
    } finally {
      picture.close();
    }
  }

  close(): void {
    this.#worker.terminate();
    for (const id of [...this.#waiting.keys()]) this.#answer(id, null);
  }

  #look(source: CanvasImageSource, width: number, height: number, side: number, thorough: boolean): Promise<Uint8Array | null> {
    const scale = Math.min(1, side / Math.max(width, height));
    const canvas = this.#canvas;
    [canvas.width, canvas.height] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) return Promise.resolve(null);
    // Pictures may be see-through; what is behind is paper.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data.buffer;
    const ask: Ask = { id: (this.#asked += 1), width: canvas.width, height: canvas.height, pixels, thorough };
    return new Promise((resolve) => {
      this.#waiting.set(ask.id, resolve);
      this.#worker.postMessage(ask, [pixels]);
    });
  }

  #answer(id: number, bytes: Uint8Array | null): void {
    this.#waiting.get(id)?.(bytes);
    this.#waiting.delete(id);
  }
}
