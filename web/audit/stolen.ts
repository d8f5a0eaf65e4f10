/** What a shared machine's other tenants take of the processors meanwhile. */
import { readFileSync } from 'node:fs';

/** Starts to watch; the answer tells which share of the time that was worked or waited for was taken. Linux alone knows; elsewhere 0. */
export function watch(): () => number {
  const before = times();
  return () => {
    const after = times();
    const [worked, stolen] = [after.worked - before.worked, after.stolen - before.stolen];
    return stolen ? stolen / (worked + stolen) : 0;
  };
}

/** Of all processors since the start, in ticks: proc_stat(5). */
function times(): { worked: number; stolen: number } {
  let all: string;
  try {
    all = readFileSync('/proc/stat', 'utf8');
  } catch {
    return { worked: 0, stolen: 0 };
  }
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = (/^cpu +(.*)$/m.exec(all)?.[1] ?? '').split(' ').map(Number);
  return { worked: user + nice + system + irq + softirq, stolen };
}
