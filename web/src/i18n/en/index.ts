import type { Messages } from '../ru';
import { frame } from './frame';
import { entering } from './entering';
import { proving } from './proving';
import { home } from './home';
import { account } from './account';
import { bill } from './bill';
import { readings } from './readings';
import { paying } from './paying';
import { profile } from './profile';

export const en: Messages = { ...frame, ...entering, ...proving, ...home, ...account, ...bill, ...readings, ...paying, ...profile };
