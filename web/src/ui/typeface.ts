/**
 * From now on in Golos. Its files are as large as all scripts of a first page, so they are sent for once that page has
 * its figures; where the service worker has them, at once. Letters change when all files are here: in one step.
 */
export async function inGolos(): Promise<void> {
  // One letter of each file, by their ranges in tokens.css.
  const came = await Promise.allSettled(['Я', 'R', '₽'].map((letter) => document.fonts.load('1rem Golos', letter)));
  if (came.every(({ status }) => status === 'fulfilled')) document.documentElement.classList.add('typeface');
}

/** Whether its files are on the device. */
export function hasGolos(): boolean {
  return !!navigator.serviceWorker?.controller;
}
