import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/elements.css';
import './styles/shell.css';
import './styles/panels.css';
import './styles/overview.css';
import { App } from './app/app';
import { startTheme } from './app/theme';

startTheme();
const root = document.getElementById('app');
if (root !== null) void new App(root).start();
