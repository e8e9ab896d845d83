import type { Messages } from '../i18n';

export const settings: Messages['settings'] = {
  title: 'ตั้งค่า',
  intro: 'ปรับหน้าตาและภาษาของ Flotilla ให้เหมาะกับคุณ',
  profile: 'ข้อมูลผู้ใช้',
  name: 'ชื่อ',
  email: 'อีเมล',
  role: 'สิทธิ์การใช้งาน',
  joined: 'เริ่มใช้งาน',
  lastSignIn: 'เข้าสู่ระบบล่าสุด',
  roles: { admin: 'ผู้ดูแลระบบ', trader: 'เทรดเดอร์', viewer: 'ผู้ชม' },
  appearance: 'การแสดงผล',
  timeZone: 'เขตเวลา',
  figures: 'สีกำไรและขาดทุน',
  figureColours: { 'green-red': 'เขียวและแดง', 'blue-orange': 'น้ำเงินและส้ม' },
  session: 'การเข้าใช้งาน',
  sessionHint: 'อุปกรณ์จะออกจากระบบเองเมื่อไม่ได้ใช้งานครบเจ็ดวัน',
  signOut: 'ออกจากระบบ',
};
