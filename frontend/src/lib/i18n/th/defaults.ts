import type { Defaults } from '../i18n';
import { settings } from './settings';

export const defaults: Defaults = {
  settings,
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
};
