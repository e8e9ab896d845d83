import type { Messages, Picturing } from '../i18n';

const screenshots: Messages['screenshots'] = {
  title: 'ภาพหน้าจอ',
  hint: 'ลากภาพมาวาง กด Ctrl+V เพื่อวางภาพ หรือเลือกไฟล์ รองรับ PNG, JPEG และ WebP ไม่เกินภาพละ 5 MiB รายการละไม่เกิน {most} ภาพ',
  none: 'ยังไม่มีภาพหน้าจอ',
  add: 'เพิ่มภาพหน้าจอ',
  full: 'รายการนี้มีภาพครบ {most} ภาพแล้ว ลบภาพเดิมก่อนจึงจะเพิ่มได้',
  sending: 'กำลังส่งภาพที่ {at} จาก {count}…',
  picture: 'ภาพที่ {at} จาก {count}',
  open: 'เปิดภาพที่ {at}',
  unseen: 'โหลดภาพนี้ไม่สำเร็จ',
  previous: 'ภาพก่อนหน้า',
  next: 'ภาพถัดไป',
  keys: 'กดปุ่มลูกศรเพื่อดูภาพอื่น กด Esc เพื่อปิด',
  delete: 'ลบ',
  deleteNamed: 'ลบภาพที่ {at}',
  removeNamed: 'เอาภาพที่ {at} ออก',
  unsent: 'เพิ่มรายการเทรดแล้ว แต่ยังไม่ได้เพิ่มภาพเหล่านี้ ไม่ต้องกรอกข้อมูลอื่นซ้ำ',
  sendAgain: 'ส่งอีกครั้ง',
  deleteTitle: 'ลบภาพนี้?',
  deleteText: 'ลบแล้วกู้คืนไม่ได้ ส่วนรายการเทรดยังอยู่เหมือนเดิม',
  faults: {
    kind: '{name} ไม่ใช่ไฟล์ PNG, JPEG หรือ WebP',
    size: '{name} ใหญ่เกิน 5 MiB',
    empty: '{name} เป็นไฟล์ว่าง',
    many: 'เพิ่ม {name} ไม่ได้ แต่ละรายการมีได้ไม่เกิน {most} ภาพ',
    busy: 'ยังไม่ได้เพิ่ม {name} เพราะกำลังส่งภาพอื่นอยู่ โปรดเพิ่มอีกครั้ง',
    broken: '{name} เสียหาย หรือไม่ใช่ไฟล์ PNG, JPEG หรือ WebP',
    quota: 'เพิ่ม {name} ไม่ได้ เพราะพื้นที่เก็บภาพของคุณเต็มแล้ว ลบภาพที่ไม่ใช้แล้วก่อน',
    other: 'เพิ่ม {name} ไม่สำเร็จ {reason}',
  },
};

export const picturing: Picturing = { screenshots };
