/** What the stories of entering share: clients without a session in the browser, and codes of bills as pictures. */
import type { APIRequestContext, Page } from '@playwright/test';
import { encodeQR } from 'qr';
import { Api, expect, type Local, type Shape } from './lkk';

/** A client who is registered and signed out here, with what calls the API as they would. */
export async function registered(request: APIRequestContext, local: Local, phone: string): Promise<Api> {
  const asked = await request.post('/v1/auth/otp', { data: { phone, consents: ['personal_data'] } });
  expect(asked.status(), await asked.text()).toBe(202);
  const { challenge_id } = (await asked.json()) as Shape['ChallengeOut'];
  const opened = await request.post(`/v1/auth/otp/${challenge_id}/verify`, { data: { code: await local.code(phone) } });
  expect(opened.status(), await opened.text()).toBe(200);
  return new Api(request, ((await opened.json()) as Shape['SessionOut']).access_token);
}

/** An address that nobody used before. */
export function freshEmail(phone: string): string {
  return `r${phone.slice(-7)}@example.com`;
}

/** A code of six digits that is surely not `code`. */
export function otherCode(code: string, n = 0): string {
  return String((Number(code) + 1 + n) % 1_000_000).padStart(6, '0');
}

/** The text of a bill's code. */
export function billText(mark: 1 | 2 | 3, account: string, period: string, amount: number): string {
  const month = period.replace(/^(\d{4})-(\d\d)$/, '$2$1');
  return `ST0001${mark}|Name=МУП «Расчётный центр»|PersonalAcc=40702810138250123017|BankName=ПАО «Пример»|BIC=044525225|CorrespAcc=30101810400000000225|PersAcc=${account}|PaymPeriod=${month}|Sum=${amount}|TechCode=02`;
}

const CODECS = { 1: 'windows-1251', 3: 'koi8-r' } as const;

/** The modules of a code that holds `text` in the encoding that its own mark names. */
export function modules(text: string): boolean[][] {
  const codec = CODECS[text.charAt(6) as unknown as 1 | 3];
  const table = new Map(Array.from({ length: 256 }, (_, byte) => [codec ? new TextDecoder(codec).decode(Uint8Array.of(byte)) : '', byte]));
  const textEncoder = (value: string) => (codec ? Uint8Array.from([...value], (character) => table.get(character) ?? 63) : new TextEncoder().encode(value));
  return encodeQR(text, 'raw', { ecc: 'medium', encoding: 'byte', textEncoder, border: 4 });
}

export interface Look { width: number; height: number; side: number; turned?: number; x?: number; y?: number; type: 'image/png' | 'image/jpeg' }

/** A picture of a sheet of paper with a code on it, turned by degrees; without a code when `code` is null. */
export async function picture(page: Page, code: boolean[][] | null, look: Look): Promise<Buffer> {
  const drawing = await page.context().newPage();
  try {
    const url = await drawing.evaluate(({ code: cells, look: { width, height, side, turned = 0, x = width / 2, y = height / 2, type } }) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const context = canvas.getContext('2d')!;
      context.fillStyle = '#8a8378';
      context.fillRect(0, 0, width, height);
      context.translate(x, y);
      context.rotate((turned * Math.PI) / 180);
      context.fillStyle = '#f4f1ea';
      context.fillRect(-width, -height * 0.45, 2 * width, height * 0.9);
      context.fillStyle = '#222';
      for (let line = 0; line < 8; line += 1) context.fillRect(side * 0.7, -side / 2 + line * side * 0.12, side * (1 + (line % 3)), side * 0.03);
      const module = side / (cells?.length ?? 1);
      cells?.forEach((row, v) => row.forEach((dark, u) => { if (dark) context.fillRect(-side / 2 + u * module, -side / 2 + v * module, module + 0.3, module + 0.3); }));
      return canvas.toDataURL(type, 0.8);
    }, { code, look });
    return Buffer.from(url.split(',')[1] ?? '', 'base64');
  } finally {
    await drawing.close();
  }
}

/** A film in Y4M, which Chromium's fake camera plays over and over: two seconds of bare paper, one of a code on it. */
export function film(code: boolean[][], width = 640, height = 480): Buffer {
  const side = Math.floor((height * 0.8) / code.length) * code.length;
  const module = side / code.length;
  const [left, top] = [Math.floor((width - side) / 2), Math.floor((height - side) / 2)];
  const luma = Buffer.alloc(width * height, 235);
  const frame = (picture: Buffer) => Buffer.concat([Buffer.from('FRAME\n'), picture, Buffer.alloc((width * height) / 2, 128)]);
  const paper = frame(luma);
  code.forEach((row, v) => row.forEach((dark, u) => {
    if (!dark) return;
    for (let y = 0; y < module; y += 1) luma.fill(20, (top + v * module + y) * width + left + u * module, (top + v * module + y) * width + left + (u + 1) * module);
  }));
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420\n`);
  return Buffer.concat([head, ...Array<Buffer>(20).fill(paper), ...Array<Buffer>(10).fill(frame(luma))]);
}
