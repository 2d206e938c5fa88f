// Prints what a Go binary is made of, as CycloneDX 1.5: the modules that the toolchain recorded in it, with their checksums.
//
//   node scripts/sbom.mjs bin/vacancy > bin/vacancy.cdx.json
import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'

const binary = process.argv[2]
const build = JSON.parse(execFileSync('go', ['version', '-m', '-json', binary], { encoding: 'utf8' }))

const purl = ({ Path, Version }) => `pkg:golang/${Path.split('/').map(encodeURIComponent).join('/')}@${Version}`

/** go.sum's h1: is the base64 of a SHA-256 over the list of the module's files and their SHA-256s, not over one file. */
const component = (module) => ({
  type: 'library',
  'bom-ref': purl(module),
  name: module.Path,
  version: module.Version,
  purl: purl(module),
  properties: module.Sum ? [{ name: 'go:sum', value: module.Sum }] : [],
})

const setting = (key) => build.Settings?.find((s) => s.Key === key)?.Value
const modules = (build.Deps ?? []).map((module) => module.Replace ?? module)
const main = { ...build.Main, Version: build.Main.Version || '(devel)' }

console.log(JSON.stringify({
  $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  serialNumber: `urn:uuid:${randomUUID()}`,
  version: 1,
  metadata: {
    timestamp: new Date().toISOString(),
    component: {
      type: 'application',
      'bom-ref': purl(main),
      name: main.Path,
      version: main.Version,
      purl: purl(main),
      hashes: [{ alg: 'SHA-256', content: createHash('sha256').update(readFileSync(binary)).digest('hex') }],
      properties: [
        { name: 'go:version', value: build.GoVersion },
        ...['vcs.revision', 'vcs.modified', 'GOOS', 'GOARCH', 'CGO_ENABLED'].flatMap((name) => {
          const value = setting(name)
          return value === undefined ? [] : [{ name: `go:${name}`, value }]
        }),
      ],
    },
  },
  components: [
    { type: 'library', 'bom-ref': `pkg:golang/std@${build.GoVersion}`, name: 'std', version: build.GoVersion, purl: `pkg:golang/std@${build.GoVersion}` },
    ...modules.map(component),
  ],
}, null, 2))
