/** What is far down the page is made when one comes near it. */
import type { Attachment } from 'svelte/attachments';

/** Tells when the element is seen, or nearly so. */
export function near(tell: () => void): Attachment {
  return (element) => {
    const watch = new IntersectionObserver((seen) => { if (seen.some((each) => each.isIntersecting)) tell(); }, { rootMargin: '200px 0px' });
    watch.observe(element);
    return () => watch.disconnect();
  };
}
