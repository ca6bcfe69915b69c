export { createSender, renderMail } from './mail-renderer.ts';
