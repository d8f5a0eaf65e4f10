/**
 * From now on in Golos. Its files are as large as all scripts of a first page, so they are sent for once that page has
 * its figures; where the service worker has them, at once.
 */
export function inGolos(): void {
  document.documentElement.classList.add('typeface');
}

/** Whether its files are on the device. */
export function hasGolos(): boolean {
  return !!navigator.serviceWorker?.controller;
}
