import type { Messages } from '../i18n';

export const venue: Messages['venue'] = {
  live: 'เงินจริง',
  liveHint: 'ใช้เงินจริงที่ {platform}',
  demo: 'DEMO',
  demoHint: 'บัญชีเดโมของกระดานเทรด ใช้เงินจำลอง',
  simulated: 'จำลอง',
  simulatedHint: 'Flotilla จับคู่คำสั่งเองตามราคาตลาด ไม่มีกระดานเทรดและไม่ใช้เงิน',
  simulatedExchange: 'ใช้ตัวจำลองแทนกระดานเทรด ไม่ใช่ราคาจริงและไม่ใช้เงิน',
  states: {
    pending: 'กำลังตรวจคีย์',
    verified: 'เชื่อมต่อแล้ว',
    failed: 'คีย์ใช้ไม่ได้',
    none: 'ยังไม่เชื่อมต่อ',
  },
  checked: 'ตรวจเมื่อ <age></age>',
  neverChecked: 'ยังไม่เคยตรวจ',
  polled: 'อ่านทุก {seconds} วินาที',
  toConnection: 'การเชื่อมต่อ',
};
