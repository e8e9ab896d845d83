import type { Messages } from '../i18n';

type Texts = Messages['risk'];

export const riskAccount: Texts['account'] = {
  title: 'ความเสี่ยงของ {name}',
  toDashboard: 'แดชบอร์ด',
  limits: 'ข้อจำกัด',
  equity: 'อิควิตี้',
  balance: 'ยอดเงิน',
  today: 'วันนี้',
  reset: 'สิ้นวัน',
};

export const riskChart: Texts['chart'] = {
  title: 'อิควิตี้เทียบกับเส้น',
  label: 'อิควิตี้และเส้นข้อจำกัดในหนึ่งวันที่ผ่านมา หน่วย {currency}',
  legend: 'เส้นทึบคืออิควิตี้ เส้นประคือเส้นที่ต้องอยู่เหนือไว้',
  empty: 'ยังไม่มีข้อมูลสำหรับกราฟ',
  emptyHint: 'กราฟจะเริ่มเมื่อได้รับตัวเลขชุดแรกของรอบนี้',
  at: 'เวลา',
  low: 'ต่ำสุด',
  high: 'สูงสุด',
  equity: 'อิควิตี้',
};

export const riskDays: Texts['days'] = {
  title: 'รายวัน',
  empty: 'ยังไม่มีข้อมูลรายวัน',
  emptyHint: 'ผลแต่ละวันตามเวลาของบัญชีจะเก็บไว้ที่นี่',
  day: 'วัน',
  running: 'กำลังดำเนินอยู่',
  start: 'เริ่มวัน',
  low: 'ต่ำสุด',
  high: 'สูงสุด',
  closed: 'ปิดแล้ว',
  change: 'เปลี่ยนแปลง',
  worst: 'สถานะแย่ที่สุด',
  showCalendar: 'แสดงเป็นปฏิทิน',
  previous: 'เดือนก่อนหน้า',
  next: 'เดือนถัดไป',
  now: 'เดือนนี้',
  none: 'ไม่มีข้อมูลของเดือนนี้',
  of: '{date}: {result} สถานะแย่ที่สุด: {status}',
  crossed: 'ทะลุ {count} เส้น',
};

export const riskReset: Texts['reset'] = {
  title: 'จนกว่าจะสิ้นวัน',
  clock: 'เวลา {reset} ตามเขตเวลา {zone}',
  own: 'ตรงกับ <at></at> ตามเขตเวลา {zone}',
  clocksChange: 'ก่อนถึงตอนนั้นเขตเวลา {zone} จะปรับนาฬิกา เวลาขึ้นวันใหม่จะเร็วหรือช้ากว่าเมื่อวานหนึ่งชั่วโมง',
  preview: 'หลังจากนั้น หากยอดเงินและอิควิตี้ยังเท่าเดิม:',
  floor: 'เส้นอยู่ที่ {amount}',
};

export const riskFirst: Texts['first'] = {
  noRules: 'บัญชีนี้ยังไม่มีกฎ',
  noRulesHint: 'เลือกกฎของบริษัท หรือกำหนดเอง จากนั้นคุณจะเห็นว่าบัญชีอยู่ห่างจากแต่ละเส้นเท่าใด',
  choose: 'เลือกกฎ',
  defaults: 'เริ่มด้วยค่าเริ่มต้นของฉัน',
  noData: 'ยังไม่มีตัวเลข',
  noDataHint:
    'ตราบใดที่บัญชียังไม่รายงานยอดเงินและอิควิตี้ สถานะจะเป็น “ไม่ทราบ” เสมอ ไม่ถือว่าปลอดภัย ให้ติดตั้ง Reporter ไว้คู่กับ EA',
  toReporter: 'ติดตั้ง Reporter',
  stale: 'ตัวเลขนี้ได้รับเมื่อ <age></age> ขณะนี้ไม่ทราบว่าบัญชีอยู่ตรงไหน ด้านล่างคือตำแหน่งล่าสุดที่ทราบ',
  checkReporter: 'ตรวจสอบ Reporter',
};
