import type { profile as same } from '../ru/profile';

export const profile: typeof same = {
  profile: {
    title: 'Profile',
    phone: 'Phone',
    email: 'E-mail',
    confirmed: 'confirmed',
    unconfirmed: 'not confirmed',
    sendAgain: 'Send the letter again',
    letterSent: 'The letter is on its way',
    lastName: 'Last name',
    firstName: 'First name',
    middleName: 'Patronymic',
    person: 'About you',
    look: 'Appearance',
    language: 'Language',
    theme: 'Theme',
    themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
    devices: 'Devices',
    thisOne: 'this device',
    end: 'Sign it out',
    used: (when) => `last used ${when}`,
    out: 'Sign out',
  },
};
