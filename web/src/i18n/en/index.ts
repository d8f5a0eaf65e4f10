import type { Messages } from '../ru';
import { frame } from './frame';
import { entering } from './entering';
import { home } from './home';
import { account } from './account';
import { bill } from './bill';
import { chart } from './chart';
import { readings } from './readings';
import { paying } from './paying';
import { profile } from './profile';

export const en: Messages = { ...frame, ...entering, ...home, ...account, ...bill, ...chart, ...readings, ...paying, ...profile };
