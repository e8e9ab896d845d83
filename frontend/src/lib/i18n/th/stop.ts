import type { Messages } from '../i18n';

/** What the frame says of the red button and of what is stopped. */
export const stop: Messages['stop'] = {
  button: 'หยุดคัดลอก',
  short: 'หยุด',
  banner: {
    all: 'หยุดคัดลอกทุกบัญชีอยู่',
    group: 'หยุดคัดลอกกลุ่ม {name} อยู่',
    account: 'หยุดคัดลอกบัญชี {name} อยู่',
  },
  bannerGuard: 'ระบบป้องกันความเสี่ยงของ <place></place> หยุดคัดลอก: {what}',
  bannerHint: 'คำสั่งปิดยังทำงานตามปกติ',
  bannerProgress: 'กำลังปิดรายการ: ยืนยันแล้ว {done} จาก {total}',
  showProgress: 'ดูความคืบหน้า',
  since: 'ตั้งแต่ <at></at>',
  resume: 'คัดลอกต่อ',
  resumeNamed: 'คัดลอกต่อสำหรับ {name}',
  resumeAll: 'คัดลอกต่อทุกบัญชี',
};
