/**
 * The code of a bill: GOST R 56042-2014, as standard and as banks and billings really print it.
 * Takes the bytes of the code, for the text that decoders make of them is wrong for windows-1251.
 *
 * Only what a form needs is read. The payee's details are never used: whoever prints a code can put
 * any account into it, so where money goes is decided by the server.
 */

export interface BillCode {
  /** The personal account as it is written, leading zeros kept. */
  account: string | null;
  /** Kopecks. Null when it is absent, left open (zeros) or no whole number. */
  amount: number | null;
  /** `2026-10`. */
  period: string | null;
  /** Every value by its key in the standard's spelling. */
  fields: Record<string, string>;
  /** What is odd about it; `unknown_key` and its like name the key: `unknown_key Amount`. */
  warnings: string[];
}

export type CodeRead = { bill: BillCode } | { refused: 'not_a_bill' | 'encoding' | 'too_long' };

/** Bytes. A code of version 40 holds 2,953. */
const LIMIT = 3072;
const MANDATORY = ['Name', 'PersonalAcc', 'BankName', 'BIC', 'CorrespAcc'];
const OPTIONAL = [
  'Sum', 'Purpose', 'PayeeINN', 'PayerINN', 'KPP', 'DrawerStatus', 'CBC', 'OKTMO', 'PaytReason', 'TaxPeriod', 'DocNo', 'DocDate',
  'TaxPaytKind', 'UIN', 'LastName', 'FirstName', 'MiddleName', 'PayerAddress', 'Phone', 'PayerIdType', 'PayerIdNum', 'ChildFio',
  'BirthDate', 'Flat', 'PersAcc', 'PersonalAccount', 'Contract', 'DocIdx', 'PensAcc', 'RegType', 'PaymPeriod', 'PaymTerm', 'Category',
  'ServiceName', 'CounterId', 'CounterVal', 'QuittId', 'QuittDate', 'InstNum', 'ClassNum', 'SpecFio', 'AddAmount', 'RuleId', 'ExecId', 'TechCode',
];
/** Spellings that generators and text recognition made of the keys, in lower case. */
const MISSPELT = {
  taxpaykind: 'TaxPaytKind', 'свс': 'CBC', docldx: 'DocIdx', payerldtype: 'PayerIdType', payerldnum: 'PayerIdNum',
  counterld: 'CounterId', quittld: 'QuittId', ruleld: 'RuleId', execld: 'ExecId',
};
const KEYS = new Map([...[...MANDATORY, ...OPTIONAL].map((key): [string, string] => [key.toLowerCase(), key]), ...Object.entries(MISSPELT)]);
const KNOWN = new Set(KEYS.values());
const CODECS = new Map([['1', 'windows-1251'], ['2', 'utf-8'], ['3', 'koi8-r']]);
const MONTHS = ['январ', 'феврал', 'март', 'апрел', 'ма', 'июн', 'июл', 'август', 'сентябр', 'октябр', 'ноябр', 'декабр'];

/** What the bytes of a code say, or why they are no bill. */
export function readBill(bytes: Uint8Array): CodeRead {
  const header = /^ST0001(.)([^])/.exec(String.fromCharCode(...bytes.subarray(0, 8)));
  if (!header) return { refused: 'not_a_bill' };
  const codec = CODECS.get(header[1] ?? '');
  if (!codec) return { refused: 'encoding' };
  if (bytes.length > LIMIT) return { refused: 'too_long' };
  const warnings: string[] = [];
  const fields = valuesOf(decoded(bytes, codec, warnings), warnings);
  if (!Object.keys(fields).length) return { refused: 'not_a_bill' };
  checkPayee(fields, warnings);
  const account = fields['PersAcc'] || null;
  if (!account) warnings.push('no_account');
  if (fields['TechCode'] !== undefined && !/^(0[1-9]|1[0-5])$/.test(fields['TechCode'])) warnings.push('tech_code');
  return { bill: { account, amount: amountOf(fields, warnings), period: periodOf(fields['PaymPeriod'] ?? '', warnings), fields, warnings } };
}

/** Text that is good UTF-8 is UTF-8, whatever its mark says: Cyrillic in other encodings practically never is. */
function decoded(bytes: Uint8Array, codec: string, warnings: string[]): string {
  if (bytes.every((byte) => byte < 0x80)) return new TextDecoder('utf-8').decode(bytes);
  let utf8: string | null = null;
  try { utf8 = new TextDecoder('utf-8', { fatal: true }).decode(bytes); } catch { /* another encoding */ }
  if ((utf8 === null) === (codec === 'utf-8')) warnings.push('encoding_mismatch');
  return utf8 ?? new TextDecoder(codec === 'utf-8' ? 'windows-1251' : codec).decode(bytes);
}

function valuesOf(text: string, warnings: string[]): Record<string, string> {
  const separator = text.charAt(7);
  const found = new Map<string, string>();
  for (const whole of text.slice(8).split(separator)) {
    // A generator that fell back to another separator may still join its optional part by bars.
    const parts = whole.split(/\|(?=[A-Za-z]+=)/);
    if (parts.length > 1) warnings.push('mixed_separator');
    for (const part of parts) {
      const [, typed = '', value = ''] = /^([^=]+)=([^]*)$/.exec(part) ?? [];
      if (!typed) continue;
      const key = KEYS.get(typed.trim().toLowerCase()) ?? typed.trim();
      if (found.has(key)) warnings.push(`repeated_key ${key}`);
      else found.set(key, value.trim());
    }
  }
  const order = [...found.keys()];
  const missing = MANDATORY.filter((key) => !found.get(key));
  warnings.push(...missing.map((key) => `missing_field ${key}`));
  if (!missing.length && MANDATORY.some((key, place) => order[place] !== key)) warnings.push('order');
  warnings.push(...order.filter((key) => !KNOWN.has(key) && key !== 'Amount').map((key) => `unknown_key ${key}`));
  if (/&(quot|amp|lt|gt|#\d+);/.test(text)) warnings.push('html_escaped');
  return Object.fromEntries(found);
}

function amountOf(fields: Record<string, string>, warnings: string[]): number | null {
  const { Sum: sum, Amount: other } = fields;
  if (other !== undefined) warnings.push(sum !== undefined && Number(other) !== Number(sum) ? 'amount_differs' : 'unknown_key Amount');
  if (sum === undefined) return null;
  // `1500.00` may be roubles or anything: never guessed.
  if (!/^\d{1,18}$/.test(sum)) {
    warnings.push('sum_format');
    return null;
  }
  const kopecks = Number(sum);
  return kopecks > 0 && Number.isSafeInteger(kopecks) ? kopecks : null;
}

function periodOf(written: string, warnings: string[]): string | null {
  const text = written.trim().toLowerCase();
  if (!text || /^0+$/.test(text)) return null;
  const of = (year: string | undefined, month: string | number | undefined) => `20${year}-${String(month).padStart(2, '0')}`;
  let match: RegExpExecArray | null;
  if ((match = /^(0[1-9]|1[0-2])\.?20(\d\d)$/.exec(text))) return of(match[2], match[1]);
  if ((match = /^20(\d\d)\.?(0[1-9]|1[0-2])$/.exec(text))) return of(match[1], match[2]);
  if ((match = /^([1-9])20(\d\d)$/.exec(text))) return of(match[2], match[1]);
  if ((match = /^(0[1-9]|1[0-2])(\d\d)$/.exec(text))) {
    warnings.push('period_2digit_year');
    return of(match[2], match[1]);
  }
  if ((match = /^([а-яё]+)[,.]?\s+20(\d\d)(\s*г\.?)?$/.exec(text))) {
    const [, word = '', year] = match;
    const month = MONTHS.findIndex((stem) => word.startsWith(stem) && word.length - stem.length <= 1);
    if (month >= 0) return of(year, month + 1);
  }
  warnings.push('period_format');
  return null;
}

/** Sums that only warn: even the standard's own example has a wrong one. */
function checkPayee(fields: Record<string, string>, warnings: string[]): void {
  const { PayeeINN: inn = '', BIC: bic = '', PersonalAcc: account = '', CorrespAcc: corresponding = '' } = fields;
  if (inn && !innIsRight(inn)) warnings.push('inn_checksum');
  // Accounts of the treasury follow no such rule.
  const treasury = bic.startsWith('01') && account.startsWith('0');
  if (!treasury && bic && account && !keyIsRight(bic.slice(-3) + account, account)) warnings.push('account_key');
  else if (!treasury && bic && Number(corresponding) && !keyIsRight(`0${bic.slice(4, 6)}${corresponding}`, corresponding)) warnings.push('account_key');
}

function keyIsRight(checked: string, account: string): boolean {
  if (!/^\d{5}[0-9ABCEHKMPTX]\d{14}$/.test(account)) return false;
  if (!/^\d+$/.test(checked)) return true;
  return [...checked].reduce((sum, digit, place) => sum + ((Number(digit) * ([7, 1, 3][place % 3] ?? 0)) % 10), 0) % 10 === 0;
}

function innIsRight(inn: string): boolean {
  if (!/^(\d{10}|\d{12})$/.test(inn)) return false;
  const digit = (weights: number[]) => (weights.reduce((sum, weight, place) => sum + weight * Number(inn[place]), 0) % 11) % 10;
  const last = [2, 4, 10, 3, 5, 9, 4, 6, 8];
  if (inn.length === 10) return digit(last) === Number(inn[9]);
  return digit([7, ...last]) === Number(inn[10]) && digit([3, 7, ...last]) === Number(inn[11]);
}
