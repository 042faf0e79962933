import 'element-plus/dist/index.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import en from '@/i18n/en/dispatcher'
import zh from '@/i18n/zh/dispatcher'
import { openScreen } from '../open'
import DispatcherApp from './DispatcherApp.vue'
import './tables.css'

openScreen({ name: 'dispatcher', base: '/dispatcher/', app: DispatcherApp, words: [zh, en], routes: [{ path: '/:rest(.*)*', component: { render: () => null } }] })
