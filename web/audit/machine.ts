/** How fast the machine is at this moment, since Lighthouse's phone is a part of it. */
import { throttling } from 'lighthouse/core/config/constants.js';
import { pageFunctions } from 'lighthouse/core/lib/page-functions.js';
import type { Visitor } from './visitor';

/** What Lighthouse calls a high-end desktop begins here; on one of those its phone is four times slower. */
const DESKTOP = 1500;

export interface Phone { benchmark: number; throttling: typeof throttling.mobileSlow4G }

/**
 * Lighthouse's throttled phone. On a machine below the class that its factor is meant for, or slowed to there by what
 * else runs on it, the factor is smaller in proportion, so that the phone is the same:
 * https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md#calibrating-the-cpu-slowdown
 */
export async function phone(visitor: Visitor): Promise<Phone> {
  const benchmark = await visitor.visit((page) => page.evaluate<number>(`(${pageFunctions.computeBenchmarkIndex.toString()})()`));
  const { cpuSlowdownMultiplier, ...network } = throttling.mobileSlow4G;
  return { benchmark, throttling: { ...network, cpuSlowdownMultiplier: cpuSlowdownMultiplier * Math.min(1, benchmark / DESKTOP) } };
}
