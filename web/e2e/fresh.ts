/** Before the stories: nobody has taken an account or a phone yet. */
import { mkdirSync, rmSync } from 'node:fs';
import { TAKEN } from './lkk';

export default function fresh(): void {
  rmSync(TAKEN, { recursive: true, force: true });
  mkdirSync(TAKEN, { recursive: true });
}
