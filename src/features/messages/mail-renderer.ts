import { translator } from '../../i18n/index.ts';
import { renderTemplate } from '../../http/template-engine.ts';
import { uiFor } from '../../http/ui.ts';
import type { Message, Sender } from '../../jobs/outbox.ts';
import { createMailTransport, type MailOptions, type RenderedMail } from '../../connectors/smtp/index.ts';

/** The words of a mail: subject from emails.<template>.subject, body from views/emails/<template>.ejs in the mail layout. */
export function renderMail(message: Message, brand: { schoolName: string }): RenderedMail {
  const t = translator(message.language);
  const params = { ...message.params, schoolName: brand.schoolName };
  const subject = t(`emails.${message.template}.subject`, params);
  const shared = { t, ui: uiFor(t, message.language), lang: message.language };
  const body = renderTemplate(`emails/${message.template}`, shared, { params, subject });
  const html = renderTemplate('emails/layout', shared, { subject, body, schoolName: brand.schoolName }).toString();
  const text = renderTemplate(`emails/${message.template}.text`, shared, { params, subject }).toString();
  return { to: message.to, subject, text, html };
}

/** What the outbox calls for each message due. */
export function createSender(options: MailOptions, brand: () => { schoolName: string }): Sender {
  const transport = createMailTransport(options);
  return async (message) => transport(renderMail(message, brand()));
}
