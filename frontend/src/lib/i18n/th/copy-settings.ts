import type { Messages } from '../i18n';

export const sizeExplained: Messages['sizeExplained'] = {
  title: 'ที่มาของขนาด',
  same: 'เท่ามาสเตอร์: {wanted}',
  product: '{master} × {value} = {wanted}',
  fixed: 'คงที่ {wanted}',
  byFigures: '{lots} ลอต คำนวณจากยอดเงินของทั้งสองบัญชีตอนที่สัญญาณมาถึง',
  capped: 'จำกัดไม่เกิน {max} ลอต',
  rounded: 'ปัดลงเป็นขั้นละ {step}',
  step: 'ขั้นละ {step}',
  tooSmall: 'ต่ำกว่า {min} ซึ่งเป็นขนาดขั้นต่ำ จึงไม่ได้ส่งคำสั่ง',
  other: 'รายการนี้ใช้ {lots} ลอต',
  changedSince: 'มีการแก้การตั้งค่าหลังรายการนี้ ที่แสดงคือผลตามการตั้งค่าปัจจุบัน',
};
