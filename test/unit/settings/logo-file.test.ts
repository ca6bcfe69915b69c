import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LOGO_MAX_BYTES, readLogo } from '../../../src/features/settings/logo-file.ts';
import { readSvg } from '../../../src/features/settings/svg-logo.ts';
import { projectRoot } from '../../../src/project-root.ts';
import type { RuleViolation } from '../../../src/shared/errors.ts';

const XMLNS = 'xmlns="http://www.w3.org/2000/svg"';
const svg = (inside: string, attributes = ''): Buffer => Buffer.from(`<svg ${XMLNS}${attributes}>${inside}</svg>`);
const problemOf = (bytes: Buffer): string | null => {
  const result = readSvg(bytes);
  return result.ok ? null : result.problem;
};
const rewritten = (bytes: Buffer): string => {
  const result = readSvg(bytes);
  if (!result.ok) throw new Error(result.problem);
  return result.svg;
};

describe('an SVG that could run or fetch', () => {
  it.each([
    ['a script', '<script>alert(1)</script>'],
    ['a script of any case', '<SCRIPT>alert(1)</SCRIPT>'],
    ['a script under another prefix', '<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>'],
    ['an event', '<rect onload="alert(1)"/>'],
    ['an event of any case', '<rect OnClick="alert(1)"/>'],
    ['an event under a prefix', '<rect ev:onload="alert(1)"/>'],
    ['HTML inside', '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>'],
    ['a frame', '<iframe src="https://ailleurs.example"/>'],
    ['a link', '<a href="https://ailleurs.example"><rect/></a>'],
    ['an image from elsewhere', '<image href="https://ailleurs.example/a.png"/>'],
    ['an image from this site', '<image href="/etudiants"/>'],
    ['an SVG inside an image', '<image href="data:image/svg+xml;base64,PHN2Zz4="/>'],
    ['an old-style reference', '<use xlink:href="https://ailleurs.example/a.svg#x"/>'],
    ['a script address', '<use href="javascript:alert(1)"/>'],
    ['a hidden script address', '<use href="&#106;avascript:alert(1)"/>'],
    ['a paint from elsewhere', '<rect fill="url(https://ailleurs.example/a.svg#x)"/>'],
    ['a quoted paint from elsewhere', `<rect fill="url('//ailleurs.example#x')"/>`],
    ['a style that fetches', '<style>rect{fill:url(https://ailleurs.example)}</style>'],
    ['a style that imports', '<style>@import "https://ailleurs.example";</style>'],
    ['a style with escapes', '<style>rect{fill:\\75rl(x)}</style>'],
    ['a style attribute that fetches', '<rect style="background:url(https://ailleurs.example)"/>'],
    ['an animation that rewrites', '<set attributeName="href" to="javascript:alert(1)"/>'],
    ['an animation', '<animate attributeName="x" from="0" to="9"/>'],
  ])('is refused: %s', (_kind, inside) => {
    expect(problemOf(svg(inside))).toBe('active');
  });
});

describe('an SVG that is not one', () => {
  it.each([
    ['unclosed', Buffer.from(`<svg ${XMLNS}><g></svg>`)],
    ['cut', Buffer.from(`<svg ${XMLNS}><g>`)],
    ['unquoted', svg('<rect width=1/>')],
    ['with entities of its own', Buffer.from(`<!DOCTYPE svg [<!ENTITY x "y">]><svg ${XMLNS}>&x;</svg>`)],
    ['with an unknown entity', svg('<text>&inconnu;</text>')],
    ['with two roots', Buffer.concat([svg(''), svg('')])],
    ['with text around', Buffer.concat([svg(''), Buffer.from('texte')])],
    ['of another root', Buffer.from('<html><body/></html>')],
    ['empty', Buffer.alloc(0)],
    ['not UTF-8', Buffer.concat([Buffer.from(`<svg ${XMLNS}>`), Buffer.from([0xff, 0xfe]), Buffer.from('</svg>')])],
  ])('is refused: %s', (_kind, bytes) => {
    expect(problemOf(bytes)).toBe('broken');
  });
});

describe('an SVG of a drawing program', () => {
  it('keeps the drawing, and nothing of the program', () => {
    const drawn = Buffer.from(
      `<?xml version="1.0" encoding="UTF-8"?><!-- made by hand -->
       <!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
       <svg ${XMLNS} xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" viewBox='0 0 10 10' inkscape:version="1.3">
         <metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">x</rdf:RDF></metadata>
         <defs><linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient><style><![CDATA[.a{fill:url(#g)}]]></style></defs>
         <g inkscape:label="Calque"><path class="a" d="M0 0h10"/><use xlink:href="#g"/><title>L'école &amp; &lt;nous&gt; &#233;</title></g>
       </svg>`,
    );
    const kept = rewritten(drawn);
    expect(kept).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 10 10">/);
    expect(kept).toContain('<style>.a{fill:url(#g)}</style>');
    expect(kept).toContain('<path class="a" d="M0 0h10"/><use href="#g"/>');
    expect(kept).toContain("<title>L'école &amp; &lt;nous&gt; é</title>");
    expect(kept).not.toMatch(/inkscape|rdf|metadata|DOCTYPE|made by hand|CDATA/);
    expect(rewritten(Buffer.from(kept))).toBe(kept);
  });

  it('may hold a picture', () => {
    const picture = '<image href="data:image/png;base64,iVBORw0KGgo="/>';
    expect(rewritten(svg(picture))).toContain(picture);
  });

  it('is the one that ships', () => {
    const shipped = readFileSync(join(projectRoot, 'public/img/acme-school.svg'));
    expect(problemOf(shipped)).toBeNull();
  });
});

describe('readLogo', () => {
  const png = (width: number, height: number): Buffer => {
    const bytes = Buffer.alloc(64);
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).copy(bytes);
    bytes.write('IHDR', 12, 'latin1');
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    return bytes;
  };
  const refusalOf = (bytes: Buffer): string | undefined => {
    try {
      readLogo(bytes);
      return undefined;
    } catch (error) {
      return (error as RuleViolation).fields['logo'];
    }
  };

  it('tells the type by the content', () => {
    expect(readLogo(png(64, 64))).toMatch(/^data:image\/png;base64,/);
    expect(readLogo(svg('<path d="M0 0"/>'))).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(readLogo(Buffer.concat([Buffer.from('\ufeff<?xml version="1.0"?>\n'), svg('')]))).toMatch(/svg/);
  });

  it.each([
    ['empty', Buffer.alloc(0), 'empty'],
    ['a text', Buffer.from('bonjour'), 'type'],
    ['a row of comments, which could be read in a billion ways', Buffer.from(`${'<!---->'.repeat(30)}bonjour`), 'type'],
    ['a page', Buffer.from('<!DOCTYPE html><html></html>'), 'type'],
    ['a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'type'],
    ['a cut PNG', png(1, 1).subarray(0, 12), 'type'],
    ['too large', Buffer.concat([png(64, 64), Buffer.alloc(LOGO_MAX_BYTES)]), 'size'],
    ['too many pixels', png(10_000, 10), 'pixels'],
    ['an SVG that runs', svg('<script/>'), 'svg_active'],
    ['an SVG cut short', Buffer.from(`<svg ${XMLNS}><g>`), 'svg_broken'],
  ])('refuses what is %s', (_kind, bytes, reason) => {
    expect(refusalOf(bytes)).toBe(`settings.errors.logo_${reason}`);
  });
});
