import { frame } from './frame';
import { entering } from './entering';
import { home } from './home';
import { account } from './account';
import { bill } from './bill';
import { chart } from './chart';
import { readings } from './readings';
import { paying } from './paying';
import { profile } from './profile';

/** Every text of the cabinet, one file per subject. English must have the same keys: a missing one does not compile. */
export const ru = { ...frame, ...entering, ...home, ...account, ...bill, ...chart, ...readings, ...paying, ...profile };

export type Messages = typeof ru;
