// The little of Markdown that descriptions use, read into pieces that are shown as text: never as HTML.

export interface Piece {
  kind: 'text' | 'code' | 'strong'
  text: string
}

export interface Block {
  kind: 'paragraph' | 'list' | 'code'
  lines: Piece[][]
}

export function parseProse(source: string): Block[] {
  return source
    .trim()
    .split(/\n\s*\n/)
    .filter(Boolean)
    .map((block) => {
      const lines = block.split('\n')
      const fenced = /^```/.test(lines[0] ?? '')
      if (fenced)
        return { kind: 'code', lines: [[{ kind: 'text', text: lines.filter((line) => !line.startsWith('```')).join('\n') }]] }
      if (lines.every((line) => /^[-*] /.test(line))) return { kind: 'list', lines: lines.map((line) => pieces(line.slice(2))) }
      return { kind: 'paragraph', lines: [pieces(lines.join(' '))] }
    })
}

function pieces(line: string): Piece[] {
  return line
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .filter(Boolean)
    .map((text) => {
      if (text.startsWith('`') && text.length > 1) return { kind: 'code', text: text.slice(1, -1) }
      if (text.startsWith('**') && text.length > 4) return { kind: 'strong', text: text.slice(2, -2) }
      return { kind: 'text', text }
    })
}
