import { ElMessage, ElMessageBox } from 'element-plus';
import { t } from '@/texts/zh-CN';

export function said(text: string): void {
  ElMessage({ message: text, type: 'success', grouping: true, duration: 2500 });
}

export async function copyText(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  said(t.common.copied);
}

export async function sure(text: string, yes: string = t.common.confirm, no: string = t.common.cancel): Promise<boolean> {
  try {
    await ElMessageBox.confirm(text, { confirmButtonText: yes, cancelButtonText: no, type: 'warning', closeOnClickModal: false, autofocus: false });
    return true;
  } catch {
    return false;
  }
}
