import type { Messages } from '../i18n';

export const session: Messages['session'] = {
  tagline: 'เข้าสู่ระบบครั้งเดียว ดูแลได้ทุกบัญชีเทรด',
  pitch: 'คัดลอกการเทรดจากบัญชีมาสเตอร์ไปยังบัญชีอื่นของคุณ เห็นทุกรายการที่ไปถึง และรู้เหตุผลทุกครั้งที่ไปไม่ถึง',
  signIn: {
    title: 'เข้าสู่ระบบ',
    submit: 'เข้าสู่ระบบ',
    toRegister: 'ยังไม่มีบัญชีผู้ใช้? สมัครใช้งาน',
    forgot: 'ลืมรหัสผ่าน?',
    expired: 'หมดเวลาการเข้าใช้งาน เข้าสู่ระบบอีกครั้งแล้วคุณจะกลับไปยังหน้าเดิม',
  },
  register: {
    title: 'สมัครใช้งาน',
    submit: 'สมัครใช้งาน',
    toSignIn: 'มีบัญชีผู้ใช้แล้ว? เข้าสู่ระบบ',
    passwordHint: 'อย่างน้อย 12 ตัวอักษร แนะนำให้ใช้คำหลายคำที่ไม่เกี่ยวข้องกัน',
    inviteHint: 'ต้องใช้เฉพาะเมื่อเซิร์ฟเวอร์นี้รับสมัครผ่านคำเชิญเท่านั้น',
  },
  email: 'อีเมล',
  password: 'รหัสผ่าน',
  name: 'ชื่อของคุณ',
  inviteCode: 'รหัสเชิญ',
};

/** What can be chosen before the sign-in too. */
export const preferences: Messages['preferences'] = {
  language: 'ภาษา',
  theme: 'ธีม',
  themes: { system: 'ตามระบบ', light: 'สว่าง', dark: 'มืด' },
};
