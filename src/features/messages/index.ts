export { createSender, renderMail, type MailBrand } from './mail-renderer.ts';
