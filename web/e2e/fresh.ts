/** Before the stories: nobody has taken an account or a phone yet. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TAKEN } from './lkk';

export default function fresh(): void {
  rmSync(TAKEN, { recursive: true, force: true });
  mkdirSync(TAKEN, { recursive: true });
  writeFileSync(join(TAKEN, 'begun'), String(Math.floor(Date.now() / 1000)));
}
