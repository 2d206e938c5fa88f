import { tick } from 'svelte'
import { loadedAsMissing } from './api/page-data'
import { parseRoute, type Route } from './routes'

class Router {
  /** The address that this page was loaded from, if the server found nothing there. It is asked again after another was visited. */
  #missing = loadedAsMissing() ? location.pathname : undefined
  route = $state.raw<Route>(this.#parse())

  start(): () => void {
    this.#read()
    const read = () => this.#read()
    addEventListener('popstate', read)
    addEventListener('hashchange', read)
    document.addEventListener('click', this.#onClick)
    return () => {
      removeEventListener('popstate', read)
      removeEventListener('hashchange', read)
      document.removeEventListener('click', this.#onClick)
    }
  }

  /** Goes to another page of this application, and moves the focus to its heading as a full page load would. */
  async go(path: string, { replace = false } = {}): Promise<void> {
    if (replace) history.replaceState(null, '', path)
    else history.pushState(null, '', path)
    this.#read()
    scrollTo(0, 0)
    await tick()
    document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
  }

  #parse(): Route {
    if (location.pathname === this.#missing) return { page: 'not-found' }
    this.#missing = undefined
    return parseRoute(location.pathname, location.hash)
  }

  #read(): void {
    const next = this.#parse()
    if (JSON.stringify(next) !== JSON.stringify(this.route)) this.route = next
  }

  #onClick = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = (event.target as Element | null)?.closest('a')
    if (!link || link.target || link.origin !== location.origin || link.hasAttribute('data-full-load')) return
    if (link.getAttribute('href')?.startsWith('#')) return
    event.preventDefault()
    void this.go(link.pathname + link.search + link.hash)
  }
}

export const router = new Router()
