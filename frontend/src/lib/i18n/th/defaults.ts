import type { Defaults } from '../i18n';
import { alertLevels } from './alert-levels';
import { riskMarks } from './risk-marks';
import { settings } from './settings';

export const defaults: Defaults = {
  settings,
  alertLevels,
  riskMarks,
  riskDefaults: {
    title: 'ค่าความเสี่ยงเริ่มต้นของฉัน',
    hint: 'ระบบจะเสนอค่าเหล่านี้ให้บัญชีที่ยังไม่มีกฎ โดยไม่ตั้งให้เอง คุณจะเห็นกฎทุกข้อก่อนบันทึก ส่วนบัญชีที่มีกฎแล้วยังใช้กฎเดิม',
    fields: {
      max_open_positions: 'จำนวนสถานะที่เปิดพร้อมกัน',
      risk_per_trade_percent: 'ความเสี่ยงต่อเทรด (%)',
      daily_loss_percent: 'ขาดทุนรายวัน (%)',
      max_drawdown_percent: 'ดรอว์ดาวน์ (%)',
    },
    hints: {
      max_open_positions: 'ไม่เกินจำนวนนี้',
      risk_per_trade_percent: 'ของยอดเริ่มต้น เมื่อชนจุดตัดขาดทุน',
      daily_loss_percent: 'ของยอดเริ่มต้น ในหนึ่งวัน',
      max_drawdown_percent: 'ของยอดเริ่มต้น รวมทั้งหมด',
    },
    saved: 'บันทึกแล้ว',
  },
  currencyRates: {
    title: 'อัตราแลกเปลี่ยน',
    hint: 'ใช้แสดงบัญชีหลายสกุลเงินรวมเป็นสกุลเดียว แต่ละรายการใช้อัตราของวันที่ปิด หรืออัตราล่าสุดก่อนหน้านั้น อัตราหนึ่งใช้ได้ทั้งสองทาง',
    form: 'ใส่อัตราแลกเปลี่ยน',
    fields: {
      currency: 'หนึ่งหน่วยของ',
      base_currency: 'มีค่าเป็นสกุล',
      day: 'ตั้งแต่วันที่',
      rate: 'อัตรา',
    },
    rateHint: 'เช่น 1.0825',
    save: 'บันทึกอัตรา',
    saved: 'บันทึกแล้ว',
    empty: 'ยังไม่มีอัตราแลกเปลี่ยน',
    pair: 'สกุลเงิน',
    one: '1 {currency} เป็น {base}',
    rate: 'อัตรา',
    since: 'ตั้งแต่',
    more: 'แสดงเพิ่ม',
    remove: 'ลบ',
    removeOne: 'ลบอัตรา {currency} เป็น {base} ของวันที่ {day}',
    removeText: 'ตั้งแต่วันนั้นจะกลับไปใช้อัตราก่อนหน้า หากไม่มี รายการของช่วงนั้นจะไม่ถูกนับเมื่อแสดงรวมเป็นสกุลเดียว',
  },
};
