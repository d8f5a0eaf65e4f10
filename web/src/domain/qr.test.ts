import { describe, expect, test } from 'vitest';
import { readBill, type BillCode } from './qr';

/** windows-1251 and koi8-r, which TextEncoder does not speak. */
function encoded(text: string, codec: 'windows-1251' | 'koi8-r'): Uint8Array {
  const table = new Map(Array.from({ length: 256 }, (_, byte) => [new TextDecoder(codec).decode(Uint8Array.of(byte)), byte]));
  return Uint8Array.from([...text], (character) => {
    const byte = table.get(character);
    if (byte === undefined) throw new Error(`${codec} has no ${character}`);
    return byte;
  });
}
const utf8 = (text: string) => new TextEncoder().encode(text);
/** As the mark says. */
const marked = (text: string) => (text.startsWith('ST00011') ? encoded(text, 'windows-1251') : utf8(text));

function bill(bytes: Uint8Array): BillCode {
  const read = readBill(bytes);
  if ('refused' in read) throw new Error(read.refused);
  return read.bill;
}

const KITA = 'Name=ООО «Три кита»|PersonalAcc=40702810138250123017|BankName=ОАО "БАНК"|BIC=044525225|CorrespAcc=30101810400000000225';

/** Codes as they are printed, with what they say: account, kopecks, month, and what is odd. */
const PRINTED: [string, string, string | null, number | null, string | null, string[]][] = [
  ['the example of the standard', `ST00012|${KITA}|PayeeINN=6200098765|LastName=Иванов|FirstName=Иван|MiddleName=Иванович|Purpose=Оплата членского взноса|PayerAddress=г.Рязань ул.Ленина д.10 кв.15|Sum=100000`,
    null, 100_000, null, ['inn_checksum', 'no_account']],
  ['the example in windows-1251', `ST00011|${KITA}|PayeeINN=6200098765|Sum=100000`, null, 100_000, null, ['inn_checksum', 'no_account']],
  ['a settlement centre, with a key of its own', 'ST00011|Name=Счет по сбору платежей за ЖКУ района Зеленоград|PersonalAcc=40911810100180000361|BankName=Филиал "Центральный" Банка ВТБ (ПАО)|BIC=044525411|CorrespAcc=30101810145250000411|PayeeINN=5037008735|ServiceName=44822770069|PersAcc=123456|PaymPeriod=112021|Amount=738961|Sum=738961|TechCode=02',
    '123456', 738_961, '2021-11', ['unknown_key Amount']],
  ['another amount beside the sum', 'ST00012|Name=ПАО "Калужская сбытовая компания"|PersonalAcc=40702810600180000156|BankName=Тульский филиал АБ "РОССИЯ"|BIC=047003764|CorrespAcc=30101810600000000764|PersAcc=110110581|Sum=66671|Purpose= лс 110110581 ЭЭ|PayeeINN=4029030252|KPP=402801001|TechCode=02|Category=1|KSK_PeriodPok=202208|KSK_Type=1|Amount=6835',
    '110110581', 66_671, null, ['unknown_key KSK_PeriodPok', 'unknown_key KSK_Type', 'amount_differs']],
  ['keys that begin small', 'ST00012|Name=АО "Мосэнергосбыт"|PersonalAcc=40702810338360027201|BankName=ПАО "Сбербанк России"|BIC=044525225|CorrespAcc=30101810400000000225|Purpose=Оплата электроэнергии|Sum=61069|persAcc=2287008779|paymPeriod=022021|regType=6|TechCode=02|PayeeINN=7736520080|KPP=997650001',
    '2287008779', 61_069, '2021-02', []],
  ['a month with two digits of the year and a last separator', 'ST00012|Name=РСО АО ЛГЭК|PersonalAcc=40702810435000104067|BankName=Липецкое отд № 8593 ПАО Сбербанк|BIC=044206604|CorrespAcc=30101810800000000604|PayeeINN=4825066916|KPP=482501001|Sum=26411|PersAcc=100050001238|PaymPeriod=0919|TechCode=01|',
    '100050001238', 26_411, '2019-09', ['period_2digit_year']],
  ['a sum that is left open', 'ST00012|Name=ПАО МГТС|PersonalAcc=40702810800020106631|BankName= СБЕРБАНК РОССИИ ПАО|BIC=044525225|CorrespAcc=30101810400000000225|PayeeINN=7710016640|phone=681361979|flat=716|sum=000',
    null, null, null, ['no_account']],
  ['the treasury, out of order, the month in words', 'ST00011|Name=УФК по Иркутской области (КУМИ г.Братска)|PersonalAcc=03100643000000013400|KPP=380401001|BankName=Отд. Иркутск Банка России//УФК по Ирк.обл.г.Иркутск|BIC=012520101|CorrespAcc=40102810145370000026|Sum=150000|PaymPeriod=март 2023|ServiceName=2222|CBC=90111109044041000120|OKTMO=25714000|category=Коммунальные услуги|',
    null, 150_000, '2023-03', ['order', 'no_account']],
  ['a village company', 'ST00011|Name=ООО "УК Пример"|PersonalAcc=40702810952090030727|BankName=ПАО Сбербанк|BIC=046015602|CorrespAcc=30101810600000000602|Sum=485000|Purpose=Оплата за ЖКУ|PayeeINN=6100000001|KPP=610001001|lastName=Смирнова|persAcc=4460153|paymPeriod=082026|category=001',
    '4460153', 485_000, '2026-08', ['inn_checksum']],
  ['zeros before the sum', 'ST00011|Name=ОАО «Управление жилищно-коммунальными системами»|PersonalAcc=40702810900021330601|BankName=ОАО «ВостСибтранскомбанк»|BIC=042520849|CorrespAcc=30101810700000000849|Sum=00012345|Purpose=Оплата за ЖКУ|PayeeINN=3848006291|persAcc=123|paymPeriod=062015',
    '123', 12_345, '2015-06', []],
  ['keys of any case', 'ST00012|nAmE=ООО "Ромашка"|peRSonALacC=12345678901234567890|BANKNAME=Банк|BIC=012345678|correspacc=30101810400000000601|PAYEEinn=1234567890|sUM=456789',
    null, 456_789, null, ['inn_checksum', 'account_key', 'no_account']],
  ['a header with one separator and options with another', 'ST00012#Name=A#PersonalAcc=40702810138250123017#BankName=B#BIC=044525225#CorrespAcc=30101810400000000225|Sum=125000|LastName=Иванов#',
    null, 125_000, null, ['mixed_separator', 'no_account']],
];

describe('a bill’s code', () => {
  test.each(PRINTED)('%s', (_, text, account, amount, period, warnings) => {
    expect(bill(marked(text))).toMatchObject({ account, amount, period, warnings });
  });

  test('whose mark says windows-1251 may still be UTF-8', () => {
    const text = 'ST00011|Name=ООО «УК ЭкоГрад»|PersonalAcc=40902830202010056769|BankName=ПАО СБЕРБАНК|BIC=048073601|CorrespAcc=30102110300320000206|PayeeINN=0524967340|persAcc=5018435412|payerAddress=ул.Ивана Спатара, д.14, кв.32|lastName=Иванов|firstName=Иван|middleName=Иванович|Sum=12351';
    for (const [bytes, odd] of [[utf8(text), ['encoding_mismatch']], [encoded(text, 'windows-1251'), []]] as const) {
      expect(bill(bytes)).toMatchObject({ account: '5018435412', amount: 12_351, period: null, warnings: [...odd, 'inn_checksum', 'account_key'] });
      expect(bill(bytes).fields).toMatchObject({ LastName: 'Иванов', Name: 'ООО «УК ЭкоГрад»' });
    }
  });

  test('marked as UTF-8 may still be windows-1251', () => {
    const read = bill(encoded(`ST00012|${KITA}`, 'windows-1251'));
    expect(read.fields['Name']).toBe('ООО «Три кита»');
    expect(read.warnings).toContain('encoding_mismatch');
  });

  test('is read in koi8-r by its mark', () => {
    expect(bill(encoded('ST00013|Name=Три кита|PersAcc=51000017', 'koi8-r')).fields['Name']).toBe('Три кита');
  });

  test('keeps everything after the first equals sign', () => {
    const read = bill(utf8('ST00012|Name=ТНС энерго Кубань|PersonalAcc=40702810000000000000|BankName=Кубаньбанк|BIC=040349602|CorrespAcc=30101810100000000602|A3Pay=https://cabinet.example/login?token=abc=def&x=1|persAcc=000000000000'));
    expect(read).toMatchObject({ account: '000000000000', amount: null });
    expect(read.fields['A3Pay']).toBe('https://cabinet.example/login?token=abc=def&x=1');
  });

  test('may have a bar inside a value when another sign separates', () => {
    const read = bill(utf8('ST00012#Name=ООО «Три кита»#PersonalAcc=40702810138250123017#BankName=ОАО | "БАНК"#BIC=044525225#CorrespAcc=30101810400000000225#'));
    expect(read).toMatchObject({ account: null, amount: null, period: null, warnings: ['no_account'] });
    expect(read.fields['BankName']).toBe('ОАО | "БАНК"');
  });

  test.each([
    ['a short header', 'ST0012|field1=Hello', 'not_a_bill'],
    ['the mark 0', `ST00010|${KITA}`, 'encoding'], ['the mark 4', `ST00014|${KITA}`, 'encoding'], ['the mark 9', `ST00019|${KITA}`, 'encoding'],
    ['a receipt of a shop', 't=20200727T1117&s=4850.00&fn=9280440300000000&i=12345&fp=1234567890&n=1', 'not_a_bill'],
    ['an address of the web', 'https://cabinet.example/pay?id=1', 'not_a_bill'],
    ['nothing', '', 'not_a_bill'], ['a header alone', 'ST00012|', 'not_a_bill'],
    ['more than a code can hold', `ST00012|Name=${'x'.repeat(3072)}`, 'too_long'],
  ])('is not %s', (_, text, refused) => expect(readBill(marked(text))).toEqual({ refused }));

  test.each([
    ['roubles in the sum', `ST00012|${KITA}|PersAcc=51000017|Sum=1500.00`, 'sum_format'],
    ['a comma in the sum', `ST00012|${KITA}|PersAcc=51000017|Sum=1500,00`, 'sum_format'],
    ['no account of the bank', 'ST00012|Name=СНТ|PersonalAcc=40702810138250123017|BankName=Банк|BIC=044525225|PersAcc=51000017', 'missing_field CorrespAcc'],
    ['no BIC', 'ST00012|Name=СНТ|PersonalAcc=40702810138250123017|BankName=Банк|CorrespAcc=30101810400000000225|PersAcc=51000017', 'missing_field BIC'],
    ['values escaped for HTML', `ST00012|${KITA.replaceAll('"', '&quot;')}|PersAcc=51000017`, 'html_escaped'],
    ['an unknown kind of payment', `ST00012|${KITA}|PersAcc=51000017|TechCode=999999`, 'tech_code'],
    ['a month that cannot be', `ST00012|${KITA}|PersAcc=51000017|PaymPeriod=132026`, 'period_format'],
    ['one key twice', `ST00012|${KITA}|PersAcc=51000017|PersAcc=51000030`, 'repeated_key PersAcc'],
  ])('with %s is read with a warning', (_, text, warning) => {
    expect(bill(utf8(text))).toMatchObject({ account: '51000017', amount: null, period: null, warnings: [warning] });
  });

  test('has its misspelt keys put right', () => {
    const { fields, warnings } = bill(utf8(`ST00012|${KITA}|PersAcc=51000017|TaxPayKind=1|СВС=2|Docldx=3|PayerldType=4|Counterld=5|Quittld=6|Ruleld=7|Execld=8|constructor=9`));
    expect(fields).toMatchObject({ TaxPaytKind: '1', CBC: '2', DocIdx: '3', PayerIdType: '4', CounterId: '5', QuittId: '6', RuleId: '7', ExecId: '8' });
    expect(warnings).toEqual(['unknown_key constructor']);
  });

  test.each([
    ['000000', null], ['112021', '2021-11'], ['202208', '2022-08'], ['08.2026', '2026-08'], ['2026.08', '2026-08'], ['0926', '2026-09'],
    ['62015', '2015-06'], ['март 2023', '2023-03'], ['Март, 2021 г.', '2021-03'], ['мая 2026', '2026-05'], ['май 2026', '2026-05'], ['мартобря 2026', null],
  ])('of the month %j is of %j', (written, period) => {
    expect(bill(utf8(`ST00012|${KITA}|PersAcc=51000017|PaymPeriod=${written}`)).period).toBe(period);
  });

  // Weights 7, 1, 3 over the bank's last digits and the account.
  test.each([
    ['044525225', '40702810138250123017', '30101810400000000225', true], ['044525411', '40911810100180000361', '30101810145250000411', true],
    ['044525225', '40702810338360027201', '30101810400000000225', true], ['047003764', '40702810600180000156', '30101810600000000764', true],
    ['044206604', '40702810435000104067', '30101810800000000604', true], ['042520849', '40702810900021330601', '30101810700000000849', true],
    ['048073601', '40902830202010056769', '30102110300320000206', false], ['012520101', '03100643000000013400', '40102810145370000026', true],
    ['044525225', '40702810138250123018', '30101810400000000225', false], ['044525225', '40702810138250123017', '30101810400000000226', false],
    ['044525225', '40702810138250123017', '0', true],
  ])('of bank %s and account %s, %s has a right key: %j', (bic, account, corresponding, right) => {
    const { warnings } = bill(utf8(`ST00012|Name=A|PersonalAcc=${account}|BankName=B|BIC=${bic}|CorrespAcc=${corresponding}|PersAcc=51000017`));
    expect(!warnings.includes('account_key')).toBe(right);
  });
});
