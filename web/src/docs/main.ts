import { mount } from 'svelte'
import Reference from './Reference.svelte'
import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/controls.css'

const target = document.getElementById('app')
if (target) mount(Reference, { target })
