/** Judges what was measured, writes build/audit.json and the table of docs/web.md. */
import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { firstLoadBytes } from '../first-load.mjs';
import { LEAST, type Measured } from './pages';
import { renewed } from './table';

const ROOT = new URL('../../', import.meta.url);
const DOCS = new URL('docs/web.md', ROOT);
const SCRIPT_BYTES = 60_000;

export default class Report implements Reporter {
  private readonly measured: Measured[] = [];
  private readonly faults = new Map<string, string>();

  onTestEnd(test: TestCase, result: TestResult): void {
    const told = result.attachments.find(({ name }) => name === 'measured')?.body;
    if (!told) {
      this.faults.set(`${test.title}: ${result.error?.message ?? result.status}`, test.title);
      return;
    }
    const { measured, faults } = JSON.parse(told.toString()) as { measured: Measured; faults: string[] };
    this.measured.push(measured);
    for (const fault of faults) if (!this.faults.has(fault)) this.faults.set(fault, test.title);
    const { page, theme, width, performance, accessibility, best_practices, axe_violations } = measured;
    const figures = [performance, accessibility, best_practices].map((each) => String(each).padStart(3)).join(' ');
    console.log(`${passes(measured) ? ' ' : '!'} ${page.padEnd(44)} ${theme.padEnd(5)} ${String(width).padStart(4)}  ${figures}  axe ${axe_violations}`);
  }

  async onEnd(result: FullResult): Promise<{ status: FullResult['status'] }> {
    const first_load_script_bytes = firstLoadBytes(new URL('../dist/', import.meta.url).pathname).bytes;
    mkdirSync(new URL('build/', ROOT), { recursive: true });
    writeFileSync(new URL('build/audit.json', ROOT), `${JSON.stringify({ pages: this.measured, first_load_script_bytes }, null, 1)}\n`);
    for (const [fault, where] of this.faults) console.log(`  ${fault}\n    first at ${where}`);
    console.log(`  first load: ${first_load_script_bytes} bytes of compressed script, at most ${SCRIPT_BYTES}`);
    if (this.measured.length) writeFileSync(DOCS, renewed(readFileSync(DOCS, 'utf8'), this.measured, first_load_script_bytes));
    const whole = result.status === 'passed' && this.measured.length > 0;
    return { status: whole && this.measured.every(passes) && first_load_script_bytes <= SCRIPT_BYTES ? 'passed' : 'failed' };
  }

  printsToStdio(): boolean {
    return true;
  }
}

function passes(measured: Measured): boolean {
  return measured.axe_violations === 0 && Object.entries(LEAST).every(([name, least]) => measured[name as keyof typeof LEAST] >= least);
}
