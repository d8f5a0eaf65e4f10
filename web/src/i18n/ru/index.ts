import { frame } from './frame';
import { entering } from './entering';
import { proving } from './proving';
import { home } from './home';
import { account } from './account';
import { bill } from './bill';
import { readings } from './readings';
import { paying } from './paying';
import { profile } from './profile';

/** Every text of the cabinet, one file per subject. English must have the same keys: a missing one does not compile. */
export const ru = { ...frame, ...entering, ...proving, ...home, ...account, ...bill, ...readings, ...paying, ...profile };

export type Messages = typeof ru;
