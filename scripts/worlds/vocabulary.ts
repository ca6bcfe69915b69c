/** Words to invent people, places and companies with. Nobody is meant; the cities exist, the streets and firms need not. */

const words = (text: string): readonly string[] => text.trim().split(/\s*,\s*/);

export const firstNames = words(
  `Adèle, Agathe, Alban, Alexis, Alice, Amandine, Ambre, Amine, Anaïs, Anne-Sophie, Antoine, Apolline, Arthur, Aurélie, Axel, Baptiste, Bastien,
  Bérénice, Blanche, Bruno, Camille, Capucine, Cécile, Charlotte, Chloé, Clara, Clémence, Clément, Colin, Côme, Coralie, Damien, Daphné, Diane,
  Dorian, Édouard, Élise, Éloïse, Emma, Enzo, Esteban, Étienne, Eugénie, Fanny, Farid, Félix, Fleur, Florian, Gabin, Gabriel, Gaëlle, Garance,
  Gaspard, Gauthier, Hélène, Héloïse, Henri, Hortense, Hugo, Ibrahim, Inès, Iris, Jade, Jean-Baptiste, Jeanne, Joachim, Joséphine, Jules, Juliette,
  Justine, Karim, Khadija, Léa, Léonie, Léopold, Lina, Lisa, Loïc, Louane, Louise, Lucas, Lucie, Maëlys, Malik, Manon, Margaux, Marie-Hélène,
  Marius, Martin, Mathilde, Maxence, Mehdi, Mélanie, Mila, Nathan, Nicolas, Nina, Noé, Noémie, Octave, Olivia, Oscar, Paul, Pauline, Perrine,
  Philippine, Quentin, Rachel, Raphaël, Rayan, Romane, Romy, Rose, Sacha, Salomé, Samuel, Sarah, Simon, Solène, Soraya, Suzanne, Tancrède, Théo,
  Thibault, Tom, Valentine, Victoire, Victor, Violette, Xavier, Yanis, Yasmine, Zoé`,
);

export const lastNames = words(
  `ABADIE, ADAM, ALLARD, ANDRÉ, ARNAUD, AUBERT, AUBRY, BAILLY, BARBIER, BARON, BARRE, BARTHÉLEMY, BAUDRY, BEAUFILS, BEN SALAH, BENOIT, BERGER,
  BERTHELOT, BERTIN, BESNARD, BLANCHARD, BONNET, BOUCHER, BOULANGER, BOURGEOIS, BOUVIER, BRETON, BRUN, BRUNEL, CARLIER, CARON, CARPENTIER, CARRÉ,
  CHARLES, CHARPENTIER, CHEVALIER, CLERC, COLAS, COLLET, COLIN, CORDIER, COSTE, COUSIN, DANIEL, DE LA TOUR, DELAUNAY, DELMAS, DENIS, DESCHAMPS,
  DIALLO, DUBOIS, DUFOUR, DUMAS, DUMONT, DUPONT, DUPUIS, DUVAL, ÉTIENNE, EVRARD, FABRE, FAURE, FERRAND, FISCHER, FLEURY, FONTAINE, FOURNIER,
  GAILLARD, GARNIER, GAUTHIER, GÉRARD, GERMAIN, GILBERT, GIRARD, GRANGER, GUÉRIN, GUILLOT, GUYOT, HAMON, HÉBERT, HENRY, HERVÉ, HUBERT, HUET,
  IMBERT, JACQUET, JOLY, JOUBERT, JULIEN, KLEIN, LACROIX, LAMBERT, LAMY, LANGLOIS, LAURENT, LE GALL, LE GOFF, LEBLANC, LEBRUN, LECLERC, LECOMTE,
  LEFÈBVRE, LEGRAND, LEJEUNE, LEMAIRE, LEMOINE, LÉVÊQUE, LOPEZ, LUCAS, MAILLARD, MALLET, MARCHAND, MARÉCHAL, MARIE, MARTEL, MARTIN, MASSON,
  MATHIEU, MERCIER, MEUNIER, MEYER, MICHAUD, MOREAU, MOREL, MORIN, MOULIN, NGUYEN, NICOLAS, NOËL, OLIVIER, PARIS, PASQUIER, PELLETIER, PERRET,
  PERRIN, PETIT, PHILIPPE, PICARD, POIRIER, PONS, POULAIN, PRÉVOST, RÉMY, RENARD, RENAUD, REY, REYNAUD, RICHARD, RIVIÈRE, ROBIN, ROCHE, ROLLAND,
  ROUSSEAU, ROUX, ROYER, SANCHEZ, SCHMITT, SIMON, TANGUY, TESSIER, THOMAS, TRAORÉ, VASSEUR, VIDAL, VINCENT, WAGNER, WEBER, ZIMMERMANN`,
);

/** Postcode and city. */
export const cities: readonly (readonly [postcode: string, city: string])[] = words(
  `38000 Grenoble, 69003 Lyon, 75011 Paris, 13006 Marseille, 31000 Toulouse, 33000 Bordeaux, 44000 Nantes, 59000 Lille, 67000 Strasbourg,
  35000 Rennes, 34000 Montpellier, 06000 Nice, 42000 Saint-Étienne, 21000 Dijon, 63000 Clermont-Ferrand, 37000 Tours, 45000 Orléans, 51100 Reims,
  76000 Rouen, 14000 Caen, 29200 Brest, 56000 Vannes, 49000 Angers, 72000 Le Mans, 86000 Poitiers, 87000 Limoges, 64000 Pau, 66000 Perpignan,
  30000 Nîmes, 84000 Avignon, 83000 Toulon, 73000 Chambéry, 74000 Annecy, 26000 Valence, 25000 Besançon, 54000 Nancy, 57000 Metz, 68100 Mulhouse,
  80000 Amiens, 62000 Arras, 02100 Saint-Quentin, 60000 Beauvais, 77000 Melun, 78000 Versailles, 91000 Évry-Courcouronnes, 92100 Boulogne-Billancourt,
  93200 Saint-Denis, 94000 Créteil, 95000 Cergy, 17000 La Rochelle, 40000 Mont-de-Marsan, 20000 Ajaccio, 97400 Saint-Denis, 97200 Fort-de-France`,
).map((place) => [place.slice(0, 5), place.slice(6)] as const);

export const streets = words(
  `rue des Lilas, avenue Jean-Jaurès, rue de la République, boulevard Gambetta, impasse du Marché, rue Victor-Hugo, place de l’Hôtel-de-Ville,
  chemin des Écoliers, allée des Tilleuls, rue du Moulin, quai de Bretagne, rue Pasteur, avenue du Général-Leclerc, rue des Roses, cours Lafayette,
  rue Sainte-Anne, montée du Château, rue de l’Église, avenue de la Gare, rue Marie-Curie`,
);

export const programmes = words(
  `Bachelor Commerce international, Bachelor Marketing digital, Programme Grande École, Master Finance d’entreprise, Master Ressources humaines,
  MSc Audit et contrôle, MSc Entrepreneuriat, MBA Négociation et vente, Mastère Marketing du luxe, Licence Gestion, MSc Data et décision, Mastère Achats`,
);

const firmHeads = words(
  `Ateliers, Cabinet, Comptoir, Conserverie, Éditions, Fonderie, Groupe, Imprimerie, Laboratoires, Maison, Manufacture, Messageries, Papeterie,
  Pépinière, Savonnerie, Société, Studio, Tissages, Transports, Verrerie`,
);
const firmTails = words(
  `Aurore, Belledonne, Brocéliande, Calypso, Chartreuse, Coquelicot, Corvaisier, Dauphiné, des Alpilles, des Trois Vallées, du Levant, Estérel,
  Garrigue, Grand Large, Kerlouan, Lavandou, Marquenterre, Mirabelle, Mont-Aiguille, Nacarat, Outremer, Passerelle, Pic Saint-Loup, Quatre-Saisons,
  Rive Droite, Saphir, Solstice, Tramontane, Val d’Or, Vercors`,
);
const firmForms = ['', '', '', ' SAS', ' SARL', ' SA'];

/** Every name a firm may bear, in a fixed order; a rank above their number gets a figure. */
export function firmName(rank: number): string {
  const head = firmHeads[rank % firmHeads.length] as string;
  const tail = firmTails[Math.floor(rank / firmHeads.length) % firmTails.length] as string;
  const round = Math.floor(rank / (firmHeads.length * firmTails.length));
  return `${head} ${tail}${round === 0 ? '' : ` ${round + 1}`}${firmForms[rank % firmForms.length] as string}`;
}

export const sectors = words(
  `Agroalimentaire, Assurance, Banque, Commerce de détail, Conseil, Culture, Édition, Énergie, Industrie, Informatique, Logistique, Luxe, Santé, Tourisme`,
);

export const jobTitles = words(
  `Chargée de recrutement, Directeur commercial, Responsable des ressources humaines, Contrôleur de gestion, Cheffe de produit, Responsable logistique,
  Directrice financière, Chargé de communication, Tutrice de stage, Assistant de direction`,
);

export const positionTitles = words(
  `Chargée d’affaires, Contrôleur de gestion, Chef de produit, Auditrice, Consultant, Responsable marketing, Acheteuse, Analyste financier, Responsable d’agence, Cheffe de projet`,
);
