import {
  createMailTransport,
  isPermanentRefusal,
  type MailOptions,
  type RenderedMail,
} from '../../connectors/smtp/index.ts';
import { renderTemplate } from '../../http/template-engine.ts';
import { uiFor } from '../../http/ui.ts';
import { translator } from '../../i18n/index.ts';
import { UndeliverableError, type Message, type Sender } from '../../jobs/outbox.ts';
import { adjustToContrast } from '../../shared/contrast.ts';

export interface MailBrand {
  readonly schoolName: string;
  readonly productName: string;
  /** `#rrggbb`. */
  readonly primary: string;
}

/** White text stands on the school's colour: one too light for it is darkened in its own hue. */
const READABLE = 5;

/**
 * A mail in both forms: subject from `emails.<template>.subject`, body from `views/emails/<template>.ejs` in the mail layout, plain
 * text from `<template>.text.ejs`. No image, no tracker, nothing to fetch.
 * @param id of the message in the outbox
 */
export function renderMail(message: Message, id: string, brand: MailBrand): RenderedMail {
  const t = translator(message.language);
  const { schoolName, productName } = brand;
  const params = { ...message.params, schoolName, productName };
  const subject = t(`emails.${message.template.replaceAll('-', '_')}.subject`, params);
  const primary = adjustToContrast(brand.primary, '#ffffff', READABLE);
  const shared = { t, ui: uiFor(t, message.language), lang: message.language, primary };
  const given = { params, subject, schoolName, productName };
  const body = renderTemplate(`emails/${message.template}`, shared, given);
  const html = renderTemplate('emails/layout', shared, { ...given, body }).toString();
  const text = renderTemplate(`emails/${message.template}.text`, shared, given).toString();
  return { id, to: message.to, subject, text, html };
}

/** What the outbox calls for each message due. @param brand as it is now */
export function createSender(options: MailOptions, brand: () => Promise<MailBrand>): Sender {
  const transport = createMailTransport(options);
  return async (message, id) => {
    const mail = renderMail(message, id, await brand());
    try {
      await transport(mail);
    } catch (error) {
      if (isPermanentRefusal(error))
        throw new UndeliverableError('The mail server refuses this mail', { cause: error });
      throw error;
    }
  };
}
