export { createSender } from './mail-renderer.ts';
