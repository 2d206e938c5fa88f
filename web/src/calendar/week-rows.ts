import type { Day, Slot } from '../api/types'

// The week as a table: a row for each wall time at which any of the days has a start, a column for each day.

export interface Row {
  /** "09:00", and "02:30+" for the second 02:30 of a day whose clocks went back. */
  key: string
  /** One cell a day; undefined where the day has no such start. */
  cells: (Slot | undefined)[]
}

/** Rows whose cells are all as in `previous` are the same objects, so that nothing is drawn again for them. */
export function rowsOf(days: Day[], previous: Row[] = []): Row[] {
  const rows = new Map<string, Row>()
  days.forEach((day, column) => {
    const seen = new Set<string>()
    for (const slot of day.slots) {
      const key = rowKey(slot, seen)
      let row = rows.get(key)
      if (!row) {
        row = { key, cells: Array.from({ length: days.length }) }
        rows.set(key, row)
      }
      row.cells[column] = slot
    }
  })
  const known = new Map(previous.map((row) => [row.key, row]))
  return [...rows.values()]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map((row) => {
      const before = known.get(row.key)
      return before && sameCells(before.cells, row.cells) ? before : row
    })
}

function sameCells(a: Row['cells'], b: Row['cells']): boolean {
  return a.length === b.length && a.every((slot, i) => slot === b[i])
}

/** The wall time stands in the start itself: the API writes times with the venue's offset. */
function rowKey(slot: Slot, seen: Set<string>): string {
  let key = slot.start.slice(11, 16)
  while (seen.has(key)) key += '+'
  seen.add(key)
  return key
}

/** The starts whose date and wall time another start has too, since the clocks went back between them. */
export function repeatedStarts(days: Day[]): Set<string> {
  const byWallTime = new Map<string, string[]>()
  for (const { start } of days.flatMap((day) => day.slots)) {
    const wall = start.slice(0, 16)
    byWallTime.set(wall, [...(byWallTime.get(wall) ?? []), start])
  }
  return new Set([...byWallTime.values()].filter((starts) => starts.length > 1).flat())
}

export interface Cell {
  row: number
  column: number
}

/** Where a key leads from a cell: the next slot in its direction, skipping holes. Undefined when there is none. */
export function moveFocus(rows: Row[], from: Cell, key: string): Cell | undefined {
  const columns = rows[0]?.cells.length ?? 0
  switch (key) {
    case 'ArrowUp':
      return search(rows, from.row - 1, -1, (row) => ({ row, column: from.column }))
    case 'ArrowDown':
      return search(rows, from.row + 1, 1, (row) => ({ row, column: from.column }))
    case 'ArrowLeft':
      return nearestInColumns(rows, from, range(from.column - 1, -1))
    case 'ArrowRight':
      return nearestInColumns(rows, from, range(from.column + 1, columns))
    case 'Home':
      return nearestInRow(rows, from.row, range(0, columns))
    case 'End':
      return nearestInRow(rows, from.row, range(columns - 1, -1))
    default:
      return undefined
  }
}

export function findCell(rows: Row[], start: string | undefined): Cell | undefined {
  if (start === undefined) return undefined
  for (const [row, { cells }] of rows.entries()) {
    const column = cells.findIndex((slot) => slot?.start === start)
    if (column >= 0) return { row, column }
  }
  return undefined
}

/** Whole numbers from the first towards the end, which is not included. */
function range(first: number, end: number): number[] {
  const step = first <= end ? 1 : -1
  return Array.from({ length: Math.abs(end - first) }, (_, i) => first + i * step)
}

function search(rows: Row[], first: number, step: number, cell: (row: number) => Cell): Cell | undefined {
  for (let row = first; row >= 0 && row < rows.length; row += step) {
    const at = cell(row)
    if (rows[row]?.cells[at.column]) return at
  }
  return undefined
}

function nearestInRow(rows: Row[], row: number, columns: number[]): Cell | undefined {
  const column = columns.find((column) => rows[row]?.cells[column])
  return column === undefined ? undefined : { row, column }
}

/**
 * The next column that has the present row: days that are closed, or not yet open at that time, are passed by. A day that shares
 * no row with the present one could not be come to in this way; there, and where no column has the row, it is the closest row.
 */
function nearestInColumns(rows: Row[], from: Cell, columns: number[]): Cell | undefined {
  const inRow = columns.find((column) => rows[from.row]?.cells[column] || isApart(rows, from.column, column))
  for (const column of inRow === undefined ? columns : [inRow]) {
    for (let distance = 0; distance < rows.length; distance++) {
      for (const row of [from.row - distance, from.row + distance]) {
        if (rows[row]?.cells[column]) return { row, column }
      }
    }
  }
  return undefined
}

/** Whether a column has slots, but none in any row of the other one's. */
function isApart(rows: Row[], from: number, column: number): boolean {
  return rows.some(({ cells }) => cells[column]) && !rows.some(({ cells }) => cells[from] && cells[column])
}
