/** Addresses as people tell their homes apart. */

/** What a person calls an account: their own word, else the home. */
export function calledAs(account: { name?: string | null; address?: string | null }): string {
  return account.name ?? (account.address ? homeOf(account.address) : '');
}

/** `ул. Яблоневая, д. 1, кв. 1` of `г. Светлоозёрск, ул. Яблоневая, д. 1, кв. 1`: without the town, where enough is left; numbers stay with their words. */
export function homeOf(address: string): string {
  const parts = address.split(',').map((part) => part.trim());
  return (parts.length > 2 ? parts.slice(1) : parts).join(', ').replace(/(д|кв|корп|к|стр)\. (?=\d)/g, '$1.\u00a0');
}

/** What an account is called: its person's word for it, else the home, else its number. */
export function accountName(account: { name?: string | null; address?: string | null; account_number: string }, numbered: (called: { number: string }) => string): string {
  return account.name ?? (account.address ? homeOf(account.address) : numbered({ number: account.account_number }));
}
