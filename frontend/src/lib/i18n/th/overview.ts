import type { Overview } from '../i18n';

export const overview: Overview = {
  overview: {
    title: 'ภาพรวม',
    intro: 'ดูทุกบัญชีที่นับรวมได้ในหน้าเดียว แบบสด',
    empty: 'ยังไม่มีบัญชี',
    emptyHint: 'เพิ่มบัญชีแรกของคุณ จะเป็นเทอร์มินัล กระดานเทรด หรือบัญชีที่จดเองก็ได้',
    which: 'นับรวมบัญชีใดบ้าง',
    choose: 'นับรวม {count} จาก {all} บัญชี',
    in: 'แสดงเป็นสกุล',
    each: 'แยกตามสกุลของแต่ละบัญชี',
    nothing: 'ไม่มีบัญชีที่นับรวม',
    nothingHint: 'เลือกอย่างน้อยหนึ่งบัญชีด้านบนเพื่อดูตัวเลข',
    addTrade: 'เพิ่มรายการ',
    balance: 'ยอดเงิน',
    equity: 'อิควิตี้',
    floating: 'กำไร/ขาดทุนที่ยังไม่ปิด',
    online: 'ออนไลน์',
    of: '{count} จาก {all}',
    partly: '{count, plural, other {# บัญชียังไม่รายงาน}}',
    accounts: 'บัญชี',
    recent: 'รายการล่าสุด',
    recentEmpty: 'ยังไม่มีรายการ',
    recentEmptyHint: 'จะแสดงที่นี่ทันทีที่รายการแรกเปิด',
    all: 'รายการทั้งหมด',
  },
};
