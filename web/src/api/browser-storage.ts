// JSON values in the browser's storage, which can be switched off, full or from an older version of the page:
// all of that means "no such item", never an error.

export function saveItem(key: string, value: unknown, storage: () => Storage = () => localStorage): void {
  try {
    storage().setItem(key, JSON.stringify(value))
  } catch {
    // What cannot be saved is asked for again.
  }
}

export function loadItem<T>(key: string, storage: () => Storage = () => localStorage): T | undefined {
  try {
    const text = storage().getItem(key)
    return text === null ? undefined : (JSON.parse(text) as T)
  } catch {
    return undefined
  }
}

export function removeItem(key: string, storage: () => Storage = () => localStorage): void {
  try {
    storage().removeItem(key)
  } catch {
    // See saveItem.
  }
}

export const tabStorage = (): Storage => sessionStorage
