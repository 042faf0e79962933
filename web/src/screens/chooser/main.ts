import ChooserApp from './ChooserApp.vue'
import { openScreen } from '../open'

openScreen({ name: 'chooser', base: '/', app: ChooserApp, routes: [{ path: '/:rest(.*)*', component: { render: () => null } }] })
