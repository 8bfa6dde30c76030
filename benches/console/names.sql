-- Names to draw from: 367 first and 391 last ones, none in both lists.
CREATE TEMP TABLE names AS SELECT regexp_split_to_array('Ada Adam Adele Adrian Agnes Ahmed Aisha Akira Alan Alba Albert Alejandro Alex Alexander Alice Alicia Alina Alma Amanda Amara
Amelia Amina Amir Amy Ana Anders Andrea Andreas Andrew Angela Anita Anja Ann Anna Anne Annika Anthony Anton Antonia Antonio
Aria Arjun Arthur Astrid Audrey Aurora Ava Barbara Beatrice Ben Benjamin Bianca Boris Brian Bruno Camila Carl Carla Carlos
Carmen Caroline Cecilia Charles Charlotte Chen Chiara Chloe Chris Christian Christina Claire Clara Claudia Colin Daisy Dana
Daniel Daniela Daria David Deborah Denis Diana Diego Dmitri Dominic Dorothy Dylan Edgar Edith Edward Elena Eli Elias Elif
Elisa Elizabeth Ella Ellen Elsa Emil Emilia Emily Emma Eric Erica Erik Esther Ethan Eva Evelyn Fatima Felicity Felix Fernando
Fiona Flora Florian Frances Francesca Francis Frank Freya Gabriel Gabriela George Georgia Gina Giulia Grace Greta Gustav Hana
Hannah Hans Harold Harriet Hasan Hassan Hedda Helen Helena Henrik Henry Hiroshi Hugo Ian Ibrahim Ida Ilse Imani Ines Ingrid
Irene Iris Isaac Isabel Isla Ivan Jack Jacob Jakob James Jamila Jan Jana Jane Jasmine Jason Javier Jean Jennifer Jenny Jessica
Joan Johan John Jonas Jonathan Jordan Jorge Jose Josef Joseph Joshua Juan Judith Julia Julian Julie Jun Karen Karin Karl Kate
Katharina Kenji Kevin Kim Klara Kristina Lara Lars Laura Lea Leah Lena Leo Leon Leonie Lev Li Liam Lily Linda Lisa Liv Lorenzo
Louis Louise Lucas Lucia Lucy Luis Luisa Lukas Luna Lydia Magnus Maja Malik Marco Margaret Maria Mariam Marie Marina Mario
Marion Mark Marta Martha Martin Mary Mateo Matilda Matthew Max Maya Mei Melissa Mia Michael Michelle Miguel Mila Milan Mina
Miriam Mohamed Mona Monica Nadia Naomi Natalie Nathan Nia Nicholas Nicole Niklas Nina Noah Noemi Nora Olga Oliver Olivia Omar
Oscar Oskar Pablo Paola Patricia Patrick Paul Paula Pauline Pedro Peter Petra Philip Priya Rachel Rafael Rahul Raj Ralph
Raymond Rebecca Renata Ricardo Richard Rita Robert Robin Rosa Rose Ruth Ryan Sakura Salma Sam Samira Samuel Sandra Sara Sarah
Sebastian Selma Sergio Simon Simone Sofia Sonja Sophie Stefan Stella Stephen Susan Sven Sylvia Tamara Tara Tariq Teresa Theo
Theresa Thomas Tim Timo Tina Tobias Tom Tomas Tove Ursula Valentina Valeria Vera Veronica Victor Victoria Vincent Viola Vivian
Walter Wanda Wei William Xavier Yara Yasmin Yolanda Yuki Yusuf Zara Zoe', '\s+') AS first_names, regexp_split_to_array('Abbott Acosta Aguilar Ahlberg Akhtar Alvarez Andersen Anderson Annan Annesley Aoki Araujo Archer Arnold Ashby Atkins Austin
Bailey Baker Ballard Banerjee Barker Barnes Barrett Bauer Becker Bell Bennett Berg Bergman Bianchi Bishop Blake Bloom
Bondarenko Boucher Bowen Boyd Bradley Brandt Braun Brooks Brown Bryant Burke Burns Burton Butler Byrne Caldwell Campbell
Cannon Cardoso Carlson Carpenter Carroll Carter Castillo Castro Chandra Chang Chapman Chavez Clark Cohen Coleman Collins Conti
Cooper Costa Cox Crawford Cruz Cunningham Curtis Dahl Dalton Daniels Das Davies Davis Dawson Delgado Demir Deshmukh Diaz Dixon
Doyle Dubois Duffy Duncan Dunn Eaton Edwards Elliott Ellis Engel Eriksen Estrada Evans Farrell Fernandes Ferrari Fischer
Fisher Fleming Flores Ford Forsberg Foster Fournier Fowler Fox Franco Fraser Freeman Friedman Fuchs Fujita Gallagher Garcia
Gardner Gibson Gilbert Gomez Gonzalez Gordon Graham Grant Gray Greene Griffin Gruber Gupta Haas Hall Hamilton Hansen Hanson
Harper Harris Harrison Hart Hartmann Harvey Hayashi Hayes Henderson Herman Hernandez Herrera Hicks Hill Hoffmann Holland Holm
Holmes Horvath Howard Huang Hudson Hughes Hunt Hunter Hussain Ito Ivanov Jackson Jacobs Jain Jansen Jenkins Jensen Johansson
Johnson Johnston Jones Joshi Kaplan Kapoor Kato Kaur Kawasaki Keller Kelley Kelly Kennedy Khan Kimura King Klein Knight Koch
Kowalski Kraus Kumar Lambert Lang Larsen Larson Lawson Lee Lehmann Leroy Levine Lewis Lindberg Lindgren Lloyd Lopez Lowe
Ludwig Lund Lynch Mackay Madsen Maier Malone Manning Marsh Marshall Martinez Mason Matsuda Maxwell Mayer McCarthy McDonald
McKenzie Medina Mehta Mendes Mendoza Meyer Miller Mills Mitchell Moore Morales Moreau Moreno Morgan Mori Morris Morrison Moser
Murphy Murray Myers Nakamura Nash Navarro Nelson Neumann Newman Nguyen Nielsen Nilsson Nolan Norman Novak OBrien Oconnor
Okafor Okoye Olsen Olson Ortega Ortiz Osborne Owens Palmer Park Parker Patel Patterson Pearson Perez Perry Petersen Peterson
Phillips Pierce Porter Powell Price Quinn Ramirez Ramos Reed Reid Reyes Reynolds Rhodes Rice Richards Richter Riley Rivera
Roberts Robertson Rodriguez Rogers Romano Romero Ross Rossi Roth Russell Russo Salazar Sanchez Sanders Santos Sato Saunders
Schmidt Schneider Scholz Schreiber Schroeder Schubert Schulz Schwartz Scott Shah Sharma Shaw Silva Simmons Simpson Singh Smith
Snyder Soto Spencer Stein Stevens Stewart Stone Sullivan Suzuki Svensson Tanaka Taylor Thompson Torres Tran Tucker Turner Ueda
Vargas Vasquez Vaughan Vega Vogel Wagner Walker Wallace Walsh Wang Ward Warren Watanabe Watson Weaver Weber Webster Weiss
Wells Werner West Wheeler White Wilkinson Williams Wilson Winkler Winter Wolf Wong Wood Wright Yamamoto Yang Yilmaz York Young
Zhang Ziegler Zimmermann', '\s+') AS last_names;
