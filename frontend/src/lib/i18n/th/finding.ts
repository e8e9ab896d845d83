import type { Finding, Messages } from '../i18n';

const keys: Messages['keys'] = {
  title: 'ปุ่มลัดบนแป้นพิมพ์',
  isOn: 'ใช้ปุ่มลัดปุ่มเดียว',
  everywhere: 'ทุกหน้า',
  journal: 'ในหน้ารายการเทรด',
  names: {
    search: 'ไปยังบัญชี กลุ่ม หรือหน้าที่ต้องการ',
    help: 'แสดงรายการปุ่มลัด',
    close: 'ปิดหน้าต่างที่เปิดอยู่',
    next: 'ไปรายการถัดไป',
    previous: 'ไปรายการก่อนหน้า',
    open: 'เปิดรายการ',
    choose: 'เลือกรายการ',
    find: 'ไปที่ช่องค้นหาสัญลักษณ์',
    add: 'เพิ่มรายการเทรด',
  },
};

const palette: Messages['palette'] = {
  title: 'ไปที่',
  label: 'ชื่อบัญชี กลุ่ม หน้า หรือคำสั่ง',
  hint: 'พิมพ์ชื่อที่ต้องการ',
  nothing: 'ไม่พบชื่อนี้',
  kinds: { pages: 'หน้า', accounts: 'บัญชี', groups: 'กลุ่ม', actions: 'คำสั่ง' },
};

const unsaved: Messages['unsaved'] = {
  title: 'ออกโดยไม่บันทึก?',
  text: 'สิ่งที่คุณพิมพ์ไว้ยังไม่ได้บันทึก หากออกตอนนี้จะหายไป',
  keep: 'แก้ไขต่อ',
  lose: 'ทิ้งสิ่งที่พิมพ์',
};

export const finding: Finding = { keys, palette, unsaved };
