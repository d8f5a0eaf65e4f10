/** Lets the browser paint and answer a finger before what comes next: one long task would freeze a slow phone. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
