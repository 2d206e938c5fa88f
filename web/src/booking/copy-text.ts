/**
 * Copies a text; false where the browser does not allow it. The clipboard is missing on plain http: there, the old command
 * copies what is selected in the field, and the focus goes back to where it was.
 */
export async function copyText(text: string, field: HTMLInputElement | undefined): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelection(field)
  }
}

function copySelection(field: HTMLInputElement | undefined): boolean {
  if (!field) return false
  const focused = document.activeElement
  field.focus()
  field.select()
  try {
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    if (focused instanceof HTMLElement) focused.focus()
  }
}
