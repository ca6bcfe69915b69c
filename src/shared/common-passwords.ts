/**
 * Words that people build passwords on, in France first: lower case, without accents. A password may hold one, but the word
 * then counts for as little as it takes to guess it. Keyboard runs, sequences, repetitions and years are found by rule.
 * @see CNIL, délibération 2022-100 §17: a list of the passwords most commonly used is refused
 */
const FRENCH = `
  admin administrateur alexandre amandine amour anais anniversaire antoine aurelie automne avril azerty barcelone bebe
  benjamin bienvenue bisous bonheur bonjour bordeaux camille canard caramel caroline celine changement changer chanel
  charlotte chaton cheval chien chocolat chouchou choupette christian christophe cigale citron claire clement cochon
  coeur compte confidentiel connexion coucou cours damien david decembre delphine demo direction dimanche doudou ecole
  elodie emilie enfant entreprise essai etudiant etudiante famille fevrier florian fraise france francois gateau
  gregory guillaume guitare hiver informatique isabelle janvier jasmine jetaime jetadore jeremy jerome jeudi jules
  juillet juin julien juliette kevin laetitia lapin laura laurent licorne liverpool loulou loulou lundi lucas lyon
  maison maman mamour manon marie marine mardi marseille mathieu maxime mercredi mercredi michel minou monamour
  monange monchien montpellier motdepasse motdepass mdp musique nantes naruto nathalie nicolas nouveau novembre nounours
  octobre olivier olympique pantoufle papa papillon paris pascal pascale pauline petit philippe phoenix pierre piscine
  poisson pompier poulette poussin princesse printemps professeur provisoire quentin rentree reseau romain romane
  samedi sandrine scolarite secretaire secret securite septembre serveur soleil sophie stephane stephanie stage super
  sylvie tennis thierry thomas tigrou titeuf toulouse trottinette utilisateur vacances valentin valerie vanille vendredi
  vincent voiture voyage zidane
`;
const ENGLISH = `
  access account angel apple asdf august autumn baseball basketball batman beautiful buster butterfly changeme charlie
  chelsea chicken computer cookie daniel default dragon december eminem family february flower football freedom friday
  friends george ginger google guest hannah harley hello hockey hunter iloveyou internet january jennifer jessica jordan
  joshua killer letmein login london lovely loveme master matrix matthew michael michelle minecraft monday monkey morgan
  mustang naruto november october office passw password pepper pokemon princess purple qwerty rainbow ranger robert
  samsung school secret september service shadow silver slipknot soccer spiderman spring starwars student summer sunday
  sunshine superman support system teacher temporary test tigger trustno welcome whatever william windows winter
  wizard zxcvbn
`;
/** Of this product and the schools that use it. */
const OURS = `acme acmeschool acmecrm alumni alumnet businessschool crm referentiel promotion`;

/** Longest first, so that the whole word is found before a part of it. */
export const commonWords: readonly string[] = [...new Set(`${FRENCH} ${ENGLISH} ${OURS}`.trim().split(/\s+/))].sort(
  (first, second) => second.length - first.length,
);
