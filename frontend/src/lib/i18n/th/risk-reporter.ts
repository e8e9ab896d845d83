import type { Messages } from '../i18n';

export const riskReporter: Messages['risk']['reporter'] = {
  back: 'ความเสี่ยงของ {name}',
  title: 'ติดตั้ง Reporter',
  intro: 'EA ขนาดเล็กที่ทำงานคู่กับ EA เดิม มีหน้าที่รายงานยอดเงิน อิควิตี้ และสถานะเท่านั้น ส่งคำสั่งเทรดไม่ได้',
  how: 'ทำตามห้าขั้นตอน',
  steps: {
    folder: 'ในเทอร์มินัลเลือก File แล้ว Open Data Folder จากนั้นวางไฟล์ไว้ใน {folder}',
    compile: 'เปิดไฟล์ใน MetaEditor แล้วกด Compile',
    allow5:
      'เลือก Tools, Options, Expert Advisors ติ๊ก “Allow WebRequest for listed URL” แล้วเพิ่ม {address} โดยไม่ต้องใส่พอร์ต',
    allow4:
      'MetaTrader 4 ต้องติ๊ก “Allow DLL imports” ตอนวาง Reporter ลงบนกราฟ ใช้เพื่อเชื่อมต่อกับ {address} เท่านั้น',
    attach:
      'เปิดกราฟใหม่อีกหนึ่งกราฟ สัญลักษณ์ใดก็ได้ เพราะหนึ่งกราฟวาง EA ได้ตัวเดียว แล้วลาก FlotillaReporter ลงไป',
    inputs:
      'ใส่ ServerHost และ ServerPort ตามด้านล่าง ส่วน ApiKey ใช้คีย์ของบัญชีนี้ ซึ่งเป็นคีย์เดียวกับ EA เดิม ดูได้ที่ส่วนคีย์ในแดชบอร์ดของบัญชี',
  },
  download: 'ดาวน์โหลด {file}',
  source: 'ซอร์สโค้ด {size} kB เปิดอ่านก่อนใช้งานได้',
  checksum: 'ค่าตรวจสอบไฟล์ (SHA-256)',
  address: 'ServerHost',
  port: 'ServerPort',
  harmless: 'Reporter ไม่มีฟังก์ชันเทรดเลย และไม่กระทบ EA เดิมของคุณ',
  state: 'การเชื่อมต่อ',
  waiting: 'กำลังรอ EA ของคุณ…',
  waitingFigures: 'เทอร์มินัลเชื่อมต่อแล้ว กำลังรอตัวเลขชุดแรก…',
  needsRules: 'บัญชีนี้ยังไม่มีกฎ ระบบจึงยังไม่ประเมินตัวเลขเหล่านี้',
  connected: 'เชื่อมต่อแล้ว ตัวเลขล่าสุดเมื่อ <age></age>',
  noEa: 'บัญชีนี้อยู่บนเว็บเทรด ไม่ต้องใช้ EA',
};
